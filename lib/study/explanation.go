package study

import (
	"os"
	"path/filepath"

	"anncapacity/lib/internal/table"
)

// What the paper could not see: every (k, efSearch) at once, capacity and the failures that it predicts, the policies
// of other engines on one index, and what construction does to all of that. One kind of row, one file.

// SurfaceRow is the overlap at one (k, efSearch).
type SurfaceRow struct {
	K        int     `csv:"k"`
	EfSearch int     `csv:"ef_search"`
	Overlap  float64 `csv:"overlap"`
}

// CapacityRow is one point of the distribution of capacity over queries: the share of them that visit at most
// Capacity nodes.
type CapacityRow struct {
	EfSearch int     `csv:"ef_search"`
	Share    float64 `csv:"share"`
	Capacity int     `csv:"capacity"`
}

// FailureRow is the share of queries whose capacity is below k.
type FailureRow struct {
	EfSearch  int     `csv:"ef_search"`
	K         int     `csv:"k"`
	Predicted float64 `csv:"predicted"`
}

// HardFailureRow is the k at which the first of so many queries is expected to fail: one more than the mean of the
// smallest capacity among them, an order statistic.
type HardFailureRow struct {
	M              int     `csv:"m"`
	EfConstruction int     `csv:"ef_construction"`
	EfSearch       int     `csv:"ef_search"`
	Queries        int     `csv:"queries"`
	K              float64 `csv:"k"`
}

// PolicyRow is what one policy makes of k > efSearch on one index.
type PolicyRow struct {
	Policy   string  `csv:"policy"`
	EfSearch int     `csv:"ef_search"`
	K        int     `csv:"k"`
	Overlap  float64 `csv:"overlap"`
	Fill     float64 `csv:"fill"`
}

// ConstructionRow is one graph: what it is made of, and how it answers at efSearch 50.
type ConstructionRow struct {
	M              int     `csv:"m"`
	EfConstruction int     `csv:"ef_construction"`
	Selection      string  `csv:"selection"`
	MeanLinks      float64 `csv:"mean_links"`  // per node on level 0
	Unreachable    int     `csv:"unreachable"` // nodes that no path of level 0 leads to from the entry point
	Overlap100     float64 `csv:"overlap_100"` // at k = 100
	Overlap500     float64 `csv:"overlap_500"`
	CapacityMedian int     `csv:"capacity_median"`
	CapacityMin    int     `csv:"capacity_min"`
}

// HubnessRow is the skewness of the k-occurrence (how many lists a point is in), in exact and in approximate lists.
type HubnessRow struct {
	EfSearch int     `csv:"ef_search"`
	K        int     `csv:"k"`
	Exact    float64 `csv:"exact"`
	ANN      float64 `csv:"ann"`
}

// Explanation is all of these tables.
type Explanation struct {
	Surface      []SurfaceRow
	Capacity     []CapacityRow
	Failure      []FailureRow
	HardFailure  []HardFailureRow
	Policies     []PolicyRow
	Construction []ConstructionRow
	Hubness      []HubnessRow
}

// kept is one table of an explanation: how it is written, and how it is read.
type kept struct {
	table.Table
	read func() error
}

func keep[R any](path string, rows *[]R) kept {
	return kept{table.New(path, *rows), func() (err error) { *rows, err = table.ReadRows[R](path); return err }}
}

// kept is every table of x in a folder.
func (x *Explanation) kept(dir string) []kept {
	return []kept{
		keep(filepath.Join(dir, "surface.csv"), &x.Surface),
		keep(filepath.Join(dir, "capacity.csv"), &x.Capacity),
		keep(filepath.Join(dir, "failure.csv"), &x.Failure),
		keep(filepath.Join(dir, "hard_failure.csv"), &x.HardFailure),
		keep(filepath.Join(dir, "policies.csv"), &x.Policies),
		keep(filepath.Join(dir, "construction.csv"), &x.Construction),
		keep(filepath.Join(dir, "hubness.csv"), &x.Hubness),
	}
}

// Tables are the tables of x as Explain stores them in a folder.
func (x *Explanation) Tables(dir string) (all []table.Table) {
	for _, k := range x.kept(dir) {
		all = append(all, k.Table)
	}
	return all
}

// write stores the tables in a folder, all of them or none.
func (x *Explanation) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return table.Write(x.Tables(dir)...)
}

// ReadExplanation reads what Explain stored in dir.
func ReadExplanation(dir string) (*Explanation, error) {
	x := &Explanation{}
	for _, k := range x.kept(dir) {
		if err := k.read(); err != nil {
			return nil, err
		}
	}
	return x, nil
}
