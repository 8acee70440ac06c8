// Package study measures the paper's three conditions on embeddings. A run draws points, finds their exact neighbours,
// builds the indexes of a condition, walks once for every query, and computes every measure at every k from the walks. Its
// results are records, one row per run, condition, value, index and k; Explain adds what the paper could not see: the whole
// surface over (k, efSearch), capacity, policies, construction and hubness.
//
// Conditions are a table (conditions.go). A run that was finished is kept as a part, and a study that was stopped resumes
// from its parts. The same seed gives the same records whatever GOMAXPROCS is.
package study

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/interrupt"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/internal/table"
)

// Options say what to run. Zero values are the paper's.
type Options struct {
	Embeddings string    // a file that embedding.Open reads
	Out        string    // folder for records.csv and for the parts that an interrupted study resumes from
	Runs       int       // zero means 10
	Subset     int       // points drawn for a run, all of them queries too; zero means 10,000
	Conditions []string  // names of Conditions; none means all
	Indexes    []string  // IndexHNSW, IndexCoderHNSW; none means IndexHNSW
	Progress   io.Writer // nil means nowhere
}

const (
	defaultRuns   = 10
	defaultSubset = 10000
)

// Where Run leaves its records in Options.Out, those of the condition AsPublished apart.
const (
	RecordsFile     = "records.csv"
	AsPublishedFile = "as_published.csv"
)

// Run measures every condition on every index and writes Out/records.csv. Each run of a condition is stored as it
// ends, and one that is already stored, for the same embeddings and subset, is not computed again. The records of
// IndexHNSW are the same to the byte whatever GOMAXPROCS is and wherever a study was interrupted.
func Run(ctx context.Context, o Options) ([]Record, error) {
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	s, err := open(ctx, o, o.Progress)
	if err != nil {
		return nil, err
	}
	defer s.bar.Stop()
	var records, asPublished []Record
	for run := range s.Runs {
		for _, c := range s.conditions {
			found, err := s.run(ctx, run, c)
			if err != nil {
				return nil, err
			}
			if c.Name == AsPublished {
				asPublished = append(asPublished, found...)
			} else {
				records = append(records, found...)
			}
		}
	}
	slices.SortStableFunc(records, func(a, b Record) int {
		if a.Index != b.Index {
			return slices.Index(s.Indexes, a.Index) - slices.Index(s.Indexes, b.Index)
		}
		return a.Condition - b.Condition
	})
	var tables []table.Table
	if len(asPublished) > 0 {
		tables = append(tables, table.New(filepath.Join(s.Out, AsPublishedFile), asPublished))
	}
	if len(records) == 0 {
		return asPublished, table.Write(tables...)
	}
	return records, table.Write(append(tables, table.New(filepath.Join(s.Out, RecordsFile), records))...)
}

// session is a study under way.
type session struct {
	Options
	all        ann.Vectors
	conditions []Condition
	ks         []int
	parts      string // folder of the stored runs
	bar        *progress.Bar
	drawn      *sample // of the run under way
}

// open checks the options and the embeddings before anything long begins. What is converted goes to notes.
func open(ctx context.Context, o Options, notes io.Writer) (*session, error) {
	s := &session{Options: o, ks: Ks()}
	if err := s.check(); err != nil {
		return nil, err
	}
	var err error
	if s.all, err = interrupt.Wait(ctx, func() (ann.Vectors, error) { return embedding.OpenReporting(o.Embeddings, notes) }); err != nil {
		return nil, err
	}
	if err := ann.CheckRange(s.all, ann.Euclidean); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Embeddings, err)
	}
	if s.Subset > s.all.N {
		return nil, fmt.Errorf("a subset of %d is asked of %s, which holds %d vectors; ask for fewer", s.Subset, o.Embeddings, s.all.N)
	}
	if most := s.ks[len(s.ks)-1]; s.Subset <= most {
		return nil, fmt.Errorf("a subset of %d is too small for k = %d: it must hold more points than k", s.Subset, most)
	}
	if s.parts, err = parts.Folder(o.Out, s.key()); err != nil {
		return nil, err
	}
	s.bar = progress.New(o.Progress, "", s.steps(), "queries")
	return s, nil
}

func (s *session) check() error {
	if s.Runs == 0 {
		s.Runs = defaultRuns
	}
	if s.Subset == 0 {
		s.Subset = defaultSubset
	}
	if s.Runs < 1 || s.Subset < 2 {
		return fmt.Errorf("%d runs of %d points: at least one run of two points is needed", s.Runs, s.Subset)
	}
	if len(s.Indexes) == 0 {
		s.Indexes = []string{IndexHNSW}
	}
	for _, index := range s.Indexes {
		if index != IndexHNSW && index != IndexCoderHNSW {
			return fmt.Errorf("unknown index %q: %s and %s are known", index, IndexHNSW, IndexCoderHNSW)
		}
	}
	for _, c := range Conditions {
		if len(s.Conditions) == 0 || slices.Contains(s.Conditions, c.Name) {
			s.conditions = append(s.conditions, c)
		}
	}
	for _, name := range s.Conditions {
		if !slices.ContainsFunc(Conditions, func(c Condition) bool { return c.Name == name }) {
			return fmt.Errorf("there is no condition %q", name)
		}
	}
	return nil
}

// partsVersion changes when the same embeddings would give other records.
const partsVersion = 5

// key names what stored runs depend on beside index, run and condition: the vectors and the size of a subset.
func (s *session) key() string {
	return parts.Key(func(sum io.Writer) {
		binary.Write(sum, binary.LittleEndian, []int64{partsVersion, int64(s.all.N), int64(s.all.D), int64(s.Subset)})
		binary.Write(sum, binary.LittleEndian, s.all.Data)
	})
}

// storedRecords is how the records of a run are kept.
var storedRecords = parts.Kind[[]Record]{Read: ReadRecords, Write: WriteRecords}

// part is the file of one run of one condition on one index.
func (s *session) part(index string, run int, c Condition) string {
	return filepath.Join(s.parts, fmt.Sprintf("%s-run%02d-condition%s.csv", index, run, c.Name))
}

// sample is the points of one run, the truth about them, and the graphs built on them.
type sample struct {
	run    int
	seed   uint64
	base   ann.Vectors
	matrix *exact.Matrix
	truth  [][]int32           // per point the IDs of its nearest others, as many as the largest k
	exact  [][]exactPoint      // per point, at every k
	order  []int32             // in which the points are asked
	graphs map[int]*hnsw.Graph // by efConstruction
}

// asked says whether an index is measured in a run under a condition: coder/hnsw has no parameter but efSearch.
func asked(index string, run int, c Condition) bool {
	return index == IndexHNSW || run < coderRuns && c.Parameter == EfSearch
}

// run gives the records of one run of a condition: the stored ones, and those of what is missing.
func (s *session) run(ctx context.Context, run int, c Condition) (records []Record, err error) {
	for _, index := range s.Indexes {
		if !asked(index, run, c) {
			continue
		}
		some, found, err := storedRecords.Get(s.part(index, run, c), func() ([]Record, error) { return s.measure(ctx, run, index, c) })
		if err != nil {
			return nil, err
		}
		if found {
			s.bar.Add(s.queries(index))
		}
		records = append(records, some...)
	}
	return records, nil
}

func (s *session) measure(ctx context.Context, run int, index string, c Condition) ([]Record, error) {
	if s.drawn == nil || s.drawn.run != run {
		s.drawn = nil
		runtime.GC() // so that the matrices of two runs are never held at once
		drawn, err := s.draw(ctx, run)
		if err != nil {
			return nil, err
		}
		s.drawn = drawn
	}
	measure := s.measureHNSW
	if index == IndexCoderHNSW {
		measure = s.measureCoder
	}
	m, err := measure(ctx, s.drawn, c)
	if err != nil {
		return nil, err
	}
	return s.records(m), nil
}

// draw takes the run's subset, as NumPy draws it, and finds its true neighbours.
func (s *session) draw(ctx context.Context, run int) (*sample, error) {
	s.bar.Describe(fmt.Sprintf("run %d of %d", run+1, s.Runs))
	d := &sample{run: run, seed: FirstSeed + uint64(run), graphs: make(map[int]*hnsw.Graph)}
	rows, err := numpy.Choice(s.all.N, s.Subset, d.seed)
	if err != nil {
		return nil, err
	}
	if d.base, err = s.all.Subset(rows); err != nil {
		return nil, err
	}
	if err := ann.CheckRange(d.base, ann.Euclidean); err != nil {
		return nil, err
	}
	if d.matrix, err = exact.AllPairs(ctx, d.base); err != nil {
		return nil, err
	}
	if d.truth, err = d.matrix.NearestIDs(s.ks[len(s.ks)-1]); err != nil {
		return nil, err
	}
	d.order = neighborOrder(d.truth)
	return d, s.measureExact(ctx, d)
}

// neighborOrder visits every point, each time the nearest neighbour of the last that is not visited yet. Queries in this
// order share most of their neighbours with the query before, whose vectors are still in the cache.
func neighborOrder(truth [][]int32) []int32 {
	order, seen := make([]int32, 0, len(truth)), make([]bool, len(truth))
	for start := range truth {
		for at := int32(start); at >= 0 && !seen[at]; {
			order, seen[at] = append(order, at), true
			next := slices.IndexFunc(truth[at], func(id int32) bool { return !seen[id] })
			if next < 0 {
				break
			}
			at = truth[at][next]
		}
	}
	return order
}

// measureExact measures the exact lists, once for all conditions.
func (s *session) measureExact(ctx context.Context, d *sample) error {
	d.exact = make([][]exactPoint, d.base.N)
	return s.eachQuery(ctx, d.order, func() (ask, error) {
		w := s.newWorker(d)
		return func(q int) error {
			w.begin(q)
			d.exact[q] = make([]exactPoint, len(s.ks))
			for i, k := range s.ks {
				d.exact[q][i] = w.exactSums.exactPoint(k)
			}
			return nil
		}, nil
	})
}

// build builds the graphs that a condition needs and the sample does not have yet.
func (d *sample) build(ctx context.Context, c Condition) error {
	for _, value := range c.Values {
		ef := c.efConstruction(value)
		if d.graphs[ef] != nil {
			continue
		}
		g, err := hnsw.Build(ctx, hnsw.OnMatrix(d.matrix), hnsw.Options{M: M, EfConstruction: ef, Seed: d.seed})
		if err != nil {
			return err
		}
		d.graphs[ef] = g
	}
	return nil
}

// queries is how many queries a run asks an index.
func (s *session) queries(index string) int {
	if index == IndexCoderHNSW {
		return max(1, s.Subset/coderShare)
	}
	return s.Subset
}

// steps is the length of the progress bar: the queries of every run, condition and index.
func (s *session) steps() int {
	steps := 0
	for run := range s.Runs {
		for _, c := range s.conditions {
			for _, index := range s.Indexes {
				if asked(index, run, c) {
					steps += s.queries(index)
				}
			}
		}
	}
	return steps
}
