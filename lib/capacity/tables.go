package capacity

import (
	"os"
	"path/filepath"

	"anncapacity/lib/internal/table"
)

// Results holds all tables of this package. Each is stored in a file of its own.
type Results struct {
	Surface      []SurfaceRow
	Capacity     []Row
	Failure      []FailureRow
	HardFailure  []HardFailureRow
	Policies     []PolicyRow
	Construction []ConstructionRow
	Hubness      []HubnessRow
}

// stored is a table together with the function that reads it from its file.
type stored struct {
	table.Table
	read func() error
}

func at[R any](dir, file string, rows *[]R) stored {
	path := filepath.Join(dir, file)
	return stored{table.New(path, *rows), func() (err error) { *rows, err = table.ReadRows[R](path); return err }}
}

// in returns all tables with their files in a folder.
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

// write writes the tables to a folder. It writes all of them or, on an error, none.
func (r *Results) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return table.Write(r.tables(dir)...)
}

// Tables returns the tables that Run writes to a folder, without rows.
func Tables(dir string) []table.Table { return (&Results{}).tables(dir) }

// Read reads the tables that Run has written to a folder.
func Read(dir string) (*Results, error) {
	r := &Results{}
	for _, s := range r.in(dir) {
		if err := s.read(); err != nil {
			return nil, err
		}
	}
	return r, nil
}
