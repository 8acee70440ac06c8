package capacity

import (
	"os"
	"path/filepath"

	"anncapacity/lib/internal/table"
)

// Results are all tables of this package. One kind of row, one file.
type Results struct {
	Surface      []SurfaceRow
	Capacity     []Row
	Failure      []FailureRow
	HardFailure  []HardFailureRow
	Policies     []PolicyRow
	Construction []ConstructionRow
	Hubness      []HubnessRow
}

// stored is one table: how it is written, and how it is read.
type stored struct {
	table.Table
	read func() error
}

func at[R any](dir, file string, rows *[]R) stored {
	path := filepath.Join(dir, file)
	return stored{table.New(path, *rows), func() (err error) { *rows, err = table.ReadRows[R](path); return err }}
}

// in returns every table as it is stored in a folder.
func (r *Results) in(dir string) []stored {
	return []stored{
		at(dir, surfaceFile, &r.Surface),
		at(dir, capacityFile, &r.Capacity),
		at(dir, failureFile, &r.Failure),
		at(dir, hardFailureFile, &r.HardFailure),
		at(dir, policiesFile, &r.Policies),
		at(dir, constructionFile, &r.Construction),
		at(dir, hubnessFile, &r.Hubness),
	}
}

func (r *Results) tables(dir string) (all []table.Table) {
	for _, s := range r.in(dir) {
		all = append(all, s.Table)
	}
	return all
}

// write stores the tables in a folder, all of them or none.
func (r *Results) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return table.Write(r.tables(dir)...)
}

// Tables are the tables that Run writes in a folder, without rows.
func Tables(dir string) []table.Table { return (&Results{}).tables(dir) }

// Read reads what Run stored in a folder.
func Read(dir string) (*Results, error) {
	r := &Results{}
	for _, s := range r.in(dir) {
		if err := s.read(); err != nil {
			return nil, err
		}
	}
	return r, nil
}
