package growth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/memory"
)

// Serve measures this project's index as a request of Run says and writes the record as JSON. It must be called in a process that
// does nothing else.
func Serve(ctx context.Context, requested string, w io.Writer) error {
	var o ownRun
	if err := json.Unmarshal([]byte(requested), &o.request); err != nil {
		return fmt.Errorf("growth: the request %q: %w", requested, err)
	}
	o.ctx = ctx
	if err := o.run(); err != nil {
		return fmt.Errorf("growth: %w", err)
	}
	return json.NewEncoder(w).Encode(o.record)
}

// ownRun is the measurement of the project's index.
type ownRun struct {
	request
	ctx           context.Context
	base, queries ann.Vectors
	truth         [][]int32
	graph         *hnsw.Graph
	record        Record
}

func (o *ownRun) run() error {
	if err := o.openQueries(); err != nil {
		return err
	}
	if o.MemoryAlone {
		return o.memory()
	}
	if err := o.build(); err != nil {
		return err
	}
	for i, ef := range o.Efforts {
		m, err := o.search(ef)
		if err != nil {
			return err
		}
		if i == 0 {
			o.record.Overlap50, o.record.Single50, o.record.Batch50, o.record.Walk50 = m.overlap, m.single, m.batch, m.walk
		} else {
			o.record.Overlap200, o.record.Single200, o.record.Batch200, o.record.Walk200 = m.overlap, m.single, m.batch, m.walk
		}
	}
	return o.exact()
}

// memory measures the memory of the construction and of the index.
func (o *ownRun) memory() error {
	memory.ReturnFree()
	before, most := anonymous(), watch()
	err := o.build()
	o.record.Memory = float64(most()-before) / 1e6
	memory.ReturnFree()
	o.record.Held = float64(anonymous()-before) / 1e6
	return err
}

// exact measures exact search of all queries at once. The first run compiles.
func (o *ownRun) exact() (err error) {
	o.record.Exact, err = o.perSecond(func() error {
		_, err := exact.New(o.base).SearchBatch(o.ctx, o.queries, o.K)
		return err
	})
	return err
}

// openQueries reads the queries and their exact neighbours.
func (o *ownRun) openQueries() (err error) {
	o.record.Version = ownVersion()
	if o.queries, err = embedding.Open(filepath.Join(o.Vectors, queriesFile)); err != nil {
		return err
	}
	t, err := embedding.OpenTruth(filepath.Join(o.Vectors, truthFile))
	for i := range t.N {
		o.truth = append(o.truth, t.Row(i))
	}
	return err
}

// build reads the vectors and builds the index, by the rules of hnswlib: on 100,000 vectors or more their graphs have a higher recall than
// those by the rules of FAISS. The time does not include the reading.
func (o *ownRun) build() (err error) {
	if o.base, err = embedding.Open(filepath.Join(o.Vectors, baseFile)); err != nil {
		return err
	}
	o.record.Dimensions = o.base.D
	started, cpu := time.Now(), processorTime()
	o.graph, err = hnsw.Build(o.ctx, hnsw.OnVectors(o.base), hnsw.Options{
		M: o.M, EfConstruction: o.EfConstruction, Selection: hnsw.SelectAlways, Insertion: hnsw.AsHNSWLib, Seed: seed,
	})
	o.record.Build, o.record.BuildCPU = time.Since(started).Seconds(), processorTime()-cpu
	return err
}

// speeds are the results of the searches at one efSearch.
type speeds struct{ overlap, single, batch, walk float64 }

// search measures searches one at a time, all at once, and walks one at a time. The first searches, which allocate memory, do not
// count.
func (o *ownRun) search(ef int) (s speeds, err error) {
	searcher, err := hnsw.NewSearcher(o.graph, o.base, hnsw.SearchOptions{EfSearch: ef})
	if err != nil {
		return s, err
	}
	walker, err := hnsw.NewWalker(o.graph, hnsw.OnVectors(o.base))
	if err != nil {
		return s, err
	}
	lists := make([]ann.Neighbors, o.queries.N)
	one := func(i int) (err error) {
		lists[i], err = searcher.Search(ann.Query{Vector: o.queries.Row(i)}, o.K)
		return err
	}
	walk := func(i int) error {
		_, err := walker.Walk(ann.Query{Vector: o.queries.Row(i)}, ef)
		return err
	}
	inTurn := func(do func(i int) error) func() error {
		return func() (err error) {
			for i := 0; i < o.queries.N && err == nil; i++ {
				err = do(i)
			}
			return errors.Join(err, o.ctx.Err())
		}
	}
	batch := func() error {
		_, err := searcher.SearchBatch(o.ctx, o.queries, o.K)
		return err
	}
	if s.single, err = o.perSecond(inTurn(one)); err != nil {
		return s, err
	}
	if s.walk, err = o.perSecond(inTurn(walk)); err != nil {
		return s, err
	}
	if s.batch, err = o.perSecond(batch); err != nil {
		return s, err
	}
	for i, list := range lists {
		s.overlap += fidelity.OverlapAt(o.truth[i], list, o.K) / float64(len(lists))
	}
	return s, nil
}

// perSecond returns the number of queries per second if do answers all of them: the best of three runs.
func (o *ownRun) perSecond(do func() error) (best float64, err error) {
	for range 3 {
		took, err := timed(do)
		if err != nil {
			return 0, err
		}
		best = max(best, float64(o.queries.N)/took.Seconds())
	}
	return best, nil
}

func timed(do func() error) (time.Duration, error) {
	started := time.Now()
	err := do()
	return time.Since(started), err
}

// processorTime returns the user and system time of the process in seconds.
func processorTime() float64 {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}

// watch starts to read the anonymous memory of the process. The returned function stops and returns the largest value in bytes.
func watch() (most func() int64) {
	var largest atomic.Int64
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			largest.Store(max(largest.Load(), anonymous()))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-ended
		return max(largest.Load(), anonymous())
	}
}

// anonymous returns the anonymous memory of the process in bytes. It allocates the name of the file alone, because its garbage counts.
func anonymous() int64 {
	fd, err := syscall.Open("/proc/self/status", syscall.O_RDONLY, 0)
	if err != nil {
		return 0
	}
	defer syscall.Close(fd)
	var status [4096]byte
	n, _ := syscall.Read(fd, status[:])
	return anonymousOf(status[:max(0, n)])
}

// anonymousOf returns the anonymous memory in bytes that a status of a process in the format of the kernel tells, which is in units
// of 1024 bytes.
func anonymousOf(status []byte) (size int64) {
	const field = "RssAnon:"
	at := bytes.Index(status, []byte(field))
	if at < 0 {
		return 0
	}
	for _, c := range status[at+len(field):] {
		switch {
		case c >= '0' && c <= '9':
			size = 10*size + int64(c-'0')
		case size > 0 || c == '\n':
			return 1024 * size
		}
	}
	return 1024 * size
}

// ownVersion returns the version control revision of the program, as far as it is known.
func ownVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return ""
}
