package audit

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/numpy"
)

// problem holds what all walks share.
type problem struct {
	Options
	live    []int32 // nodes that are not marked as deleted, ascending
	row     []int32 // of each node in base; nil means its number. −1 for a node that is marked as deleted and has no row.
	base    ann.Vectors
	changed int // vectors of the file that differ from the base

	asked  ann.Vectors // the queries as they are compared with base
	walked ann.Vectors // the queries as the library compares them with the vectors of the file
	self   []int32     // node of each query; −1 for one that is no indexed point
	space  hnsw.Space
	policy hnsw.Policy
	depth  int         // number of exact neighbours
	truth  [][]int32   // of each query: its exact neighbours as nodes
	limit  [][]float32 // of each query: limit[q][k−1] is the largest distance of its k exact neighbours
	labels []*labelled
}

func newProblem(o Options) (*problem, error) {
	p := &problem{Options: o, base: o.Base, policy: o.Index.Policy()}
	for i := range int32(o.Index.Len()) {
		if !o.Index.IsDeleted(i) {
			p.live = append(p.live, i)
		}
	}
	if p.base.N == 0 {
		p.base = o.Index.Vectors
	} else if err := p.match(); err != nil {
		return nil, err
	}
	if err := o.Index.Metric.Check(p.base); err != nil {
		return nil, fmt.Errorf("%s: %w", p.baseName(), err)
	}
	var err error
	if p.space, err = o.Index.Space(); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	if err := p.choose(); err != nil {
		return nil, err
	}
	if err := p.checkK(); err != nil {
		return nil, err
	}
	return p, p.chooseLabels()
}

func (p *problem) baseName() string {
	if p.Base.N == 0 {
		return p.Name
	}
	return p.BaseName
}

// rowOf returns the row of a node in the base.
func (p *problem) rowOf(node int32) int32 {
	if p.row == nil {
		return node
	}
	return p.row[node]
}

// match finds the row of the base for each node, and counts the vectors that differ.
func (p *problem) match() (err error) {
	x := p.Index
	if p.Base.D != x.Vectors.D {
		return fmt.Errorf("%s: vectors of %d dimensions, but the index has %d", p.BaseName, p.Base.D, x.Vectors.D)
	}
	if p.row, err = p.rows(p.Base.N, p.BaseName); err != nil {
		return err
	}
	want, err := x.Query(p.Base)
	if err != nil {
		return fmt.Errorf("%s: %w", p.BaseName, err)
	}
	for _, node := range p.live {
		if !p.same(x.Vectors.Row(int(node)), want.Row(int(p.rowOf(node)))) {
			p.changed++
		}
	}
	return nil
}

// rows returns the row of each node among n rows of a file: its external ID if these are row numbers. Otherwise the rows are the
// nodes in their order, and the result is nil. A node that is marked as deleted may have no row, which is −1.
func (p *problem) rows(n int, name string) ([]int32, error) {
	x := p.Index
	rows := x.Rows(n)
	missing, unique := p.uncovered(rows, n)
	switch {
	case rows != nil && unique && missing < 0:
		return rows, nil
	case n == x.Len():
		return nil, nil
	case rows != nil && unique:
		return nil, fmt.Errorf("%s: has %d rows, but the index has %d vectors: none has the ID %d", name, n, x.Len(), missing)
	}
	return nil, fmt.Errorf("%s: has %d rows, but the index has %d vectors, and their IDs are not the numbers of these rows", name, n, x.Len())
}

// uncovered returns the first of n rows that no node has, or −1, and whether no two nodes that are in use have the same row.
func (p *problem) uncovered(rows []int32, n int) (first int, unique bool) {
	if rows == nil {
		return -1, false
	}
	covered, used := make([]bool, n), make([]bool, n)
	for node, row := range rows {
		if row < 0 {
			continue
		}
		if covered[row] = true; !p.Index.IsDeleted(int32(node)) {
			if used[row] {
				return -1, false
			}
			used[row] = true
		}
	}
	return slices.Index(covered, false), true
}

// same reports whether two vectors are equal or, for the cosine, equal up to the rounding of float32 in the normalization.
func (p *problem) same(a, b []float32) bool {
	if p.Index.Metric != ann.Cosine {
		return slices.Equal(a, b)
	}
	for i, x := range a {
		if d := x - b[i]; d > 1e-6 || d < -1e-6 {
			return false
		}
	}
	return true
}

// choose sets the queries.
func (p *problem) choose() error {
	if p.Queries.N > 0 {
		return p.given()
	}
	if p.Sample > len(p.live) {
		p.Sample = len(p.live)
	}
	if p.Sample < 2 {
		return fmt.Errorf("%s: holds a single vector, which has no neighbours", p.Name)
	}
	chosen, err := numpy.Choice(len(p.live), p.Sample, p.Seed)
	if err != nil {
		return err
	}
	slices.Sort(chosen)
	rows := make([]int32, len(chosen))
	p.self = make([]int32, len(chosen))
	for i, c := range chosen {
		p.self[i] = p.live[c]
		rows[i] = p.rowOf(p.self[i])
	}
	if p.asked, err = p.base.Subset(rows); err != nil {
		return err
	}
	p.walked, err = p.Index.Query(p.asked)
	return err
}

func (p *problem) given() (err error) {
	if p.Queries.N < 2 {
		return fmt.Errorf("%s: a single query; at least 2 are needed, half of them to verify the advice", p.QueriesName)
	}
	if err := p.Index.Metric.Check(p.Queries); err != nil {
		return fmt.Errorf("%s: %w", p.QueriesName, err)
	}
	p.asked = p.Queries
	p.self = slices.Repeat([]int32{-1}, p.Queries.N)
	if p.walked, err = p.Index.Query(p.Queries); err != nil {
		return fmt.Errorf("%s: %w", p.QueriesName, err)
	}
	return nil
}

// sampled reports whether the queries are indexed points.
func (p *problem) sampled() bool { return p.Queries.N == 0 }

// asks returns the number of answers that a query for k neighbours asks for: one more if the query is a point itself.
func (p *problem) asks(k int) int {
	if p.sampled() {
		return k + 1
	}
	return k
}

// candidates returns the number of vectors that an answer may hold.
func (p *problem) candidates() int {
	if p.sampled() {
		return len(p.live) - 1
	}
	return len(p.live)
}

// leastDepth is the number of exact neighbours that are found even if no k is as large, for the capacity.
const leastDepth = 100

func (p *problem) checkK() error {
	k := slices.Max(p.K)
	if k > p.candidates() {
		return fmt.Errorf("%s: k = %d: must be at most %d, the number of vectors that an answer may hold", p.Name, k,
			p.candidates())
	}
	if k >= 1<<15 {
		return errors.New("audit: k must be below 32768")
	}
	p.depth = min(max(k, leastDepth), p.candidates())
	return nil
}

// queryName identifies a query: the row of the queries, or the ID of the point.
func (p *problem) queryName(q int) string {
	if p.self[q] >= 0 {
		return p.Index.ID(p.self[q])
	}
	return strconv.Itoa(q)
}

// effort returns the efSearch of the library's search for k neighbours.
func (p *problem) effort(k, efSearch int) int {
	if p.policy == hnsw.Raise {
		return max(efSearch, p.asks(k))
	}
	return efSearch
}
