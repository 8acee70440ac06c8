package scale

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/numpy"
)

// Exact describes exact neighbours. A task is a block of queries and a part of the base. The answers do not depend on the division.
type Exact struct {
	Base    Data    `json:"base"`
	Queries Queries `json:"queries"`
	K       int     `json:"k"`
	Metric  string  `json:"metric"` // as ann.ParseMetric reads it

	QueryBlock int `json:"query_block"` // most queries of a task
	BaseBlock  int `json:"base_block"`  // most rows of the base that are compared at a time
	Parts      int `json:"parts"`       // number of parts of the base
}

// Queries says what is asked. The zero value means every row of the base.
type Queries struct {
	Sample int    `json:"sample,omitempty"` // number of rows of the base that are drawn
	Seed   uint64 `json:"seed,omitempty"`   // of the draw
	File   *Data  `json:"file,omitempty"`   // vectors that are no rows of the base
}

// count returns the number of queries.
func (e *Exact) count() int {
	switch q := e.Queries; {
	case q.File != nil:
		return q.File.Rows
	case q.Sample > 0:
		return q.Sample
	}
	return e.Base.Rows
}

// candidates returns the number of rows that the list of a query may hold: a query that is a row of the base is not its own neighbour.
func (e *Exact) candidates() int {
	if e.Queries.File != nil {
		return e.Base.Rows
	}
	return e.Base.Rows - 1
}

func (e *Exact) check() error {
	if _, err := ann.ParseMetric(e.Metric); err != nil {
		return err
	}
	if e.Base.Rows < 1 || e.Base.Dim < 1 || e.Base.Rows > math.MaxInt32 {
		return fmt.Errorf("%s: %d × %d vectors: want at least one, and fewer than 2³¹", e.Base.Location, e.Base.Rows, e.Base.Dim)
	}
	if f := e.Queries.File; f != nil && (f.Dim != e.Base.Dim || f.Rows < 1) {
		return fmt.Errorf("%s: %d × %d queries for vectors of %d dimensions", f.Location, f.Rows, f.Dim, e.Base.Dim)
	}
	if e.Queries.File != nil && e.Queries.Sample != 0 || e.Queries.Sample < 0 || e.Queries.Sample > e.Base.Rows {
		return fmt.Errorf("a sample of %d queries of %d vectors", e.Queries.Sample, e.Base.Rows)
	}
	if err := ann.CheckK(e.K, e.candidates()); err != nil {
		return err
	}
	if e.QueryBlock < 1 || e.BaseBlock < 1 || e.Parts < 1 || e.Parts > e.Base.Rows {
		return errors.New("the query block, the base block and the number of parts must be at least 1, with a row in each part")
	}
	return nil
}

// blocks returns the number of blocks of queries.
func (e *Exact) blocks() int { return (e.count() + e.QueryBlock - 1) / e.QueryBlock }

func (e *Exact) tasks() int { return e.blocks() * e.Parts }

// hashed returns the fields without locations. The base block is left out: the answers do not depend on it.
func (e *Exact) hashed() any {
	h := *e
	h.Base.Location, h.BaseBlock = "", 0
	if e.Queries.File != nil {
		file := *e.Queries.File
		file.Location = ""
		h.Queries.File = &file
	}
	return h
}

func (e *Exact) inventories() map[string][]item {
	all := map[string][]item{e.Base.Fingerprint: e.Base.shards}
	if e.Queries.File != nil {
		all[e.Queries.File.Fingerprint] = e.Queries.File.shards
	}
	return all
}

// span is a range of rows, from first to last−1.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// piece returns part i of n rows that are divided evenly into the given number of parts.
func piece(i, parts, n int) span { return span{i * n / parts, (i + 1) * n / parts} }

// block returns the queries of block b: all blocks have QueryBlock queries except the last.
func (e *Exact) block(b int) span { return span{b * e.QueryBlock, min((b+1)*e.QueryBlock, e.count())} }

// part returns the rows of part i of the base.
func (e *Exact) part(i int) span { return piece(i, e.Parts, e.Base.Rows) }

// Rows returns the rows of the base that are asked, in ascending order; nil if the queries are no rows of the base.
func (e *Exact) Rows() ([]int32, error) {
	switch q := e.Queries; {
	case q.File != nil:
		return nil, nil
	case q.Sample > 0:
		rows, err := numpy.Choice(e.Base.Rows, q.Sample, q.Seed)
		slices.Sort(rows)
		return rows, err
	}
	rows := make([]int32, e.Base.Rows)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows, nil
}

// StandardError returns the largest standard error of the mean of values in [0, 1], such as overlaps, that a sample of the rows has
// as an estimate of the mean over all rows: half the square root of 1/n, times the correction for a finite population. It is 0 if all
// rows are asked.
func (e *Exact) StandardError() float64 {
	n, all := float64(e.count()), float64(e.Base.Rows)
	if e.Queries.File != nil {
		return .5 / math.Sqrt(n)
	}
	if n >= all {
		return 0
	}
	return .5 / math.Sqrt(n) * math.Sqrt((all-n)/(all-1))
}

// bytesOfAnswer is the size of a neighbour in a result: its ID and its value.
const bytesOfAnswer = 12

// queryBytes returns the memory of a query and its answers: the vector and two copies of package exact, its candidates, its list, and
// the encoded result with copies of it.
func (e *Exact) queryBytes() int64 { return 12*int64(e.Base.Dim) + 100*int64(e.K) + 4096 }

// baseBytes returns the memory of the base: the block that is compared, the one that is read, and 2,000 vectors in package exact.
func (e *Exact) baseBytes(block int) int64 { return 4 * int64(e.Base.Dim) * (2*int64(block) + 2000) }

// flop returns the number of operations of all comparisons.
func (e *Exact) flop() float64 {
	return 2 * float64(e.Base.Rows) * float64(e.Base.Dim) * float64(e.count())
}

func (e *Exact) cost() Cost {
	d, q := float64(e.Base.Dim), float64(e.count())
	queries := 4 * d * q * float64(e.Parts)
	return Cost{
		Tasks:   e.tasks(),
		FLOP:    e.flop(),
		Read:    float64(e.Base.Bytes)*float64(e.blocks()) + queries,
		Written: bytesOfAnswer * q * float64(e.Parts) * float64(e.K),
		Memory:  e.queryBytes()*int64(min(e.QueryBlock, e.count())) + e.baseBytes(min(e.BaseBlock, e.Base.Rows)),
	}
}
