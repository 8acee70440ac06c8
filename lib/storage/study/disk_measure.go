package study

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/storage"
	"anncapacity/lib/storage/postings"
)

// DiskOptions are the inputs of MeasureDisk.
type DiskOptions struct {
	Options // Plan is not used, except for the maximum number of test queries
	Indexes []DiskIndex
}

// DiskIndex is an index that MeasureDisk builds.
type DiskIndex struct {
	Way    string
	Memory float64 // wanted bytes in memory for each base vector; zero means that of the way
}

// diskRecalls are the recalls for which the searches are calibrated.
var diskRecalls = []float64{.8, .9, .95, .99}

// DiskIndexes returns the indexes of ways with budgets of memory in bytes for each base vector. Pages by their means have no choice of
// memory. An unknown way is an error.
func DiskIndexes(ways []string, budgets []float64) (all []DiskIndex, err error) {
	for _, way := range ways {
		w, err := storage.WayOf(way)
		if err != nil {
			return nil, err
		}
		if w.Memory == 0 {
			all = append(all, DiskIndex{Way: way})
			continue
		}
		for _, memory := range budgets {
			all = append(all, DiskIndex{way, memory})
		}
	}
	return all, nil
}

// MeasureDisk builds the indexes in a folder of Options.Out and searches each for the test queries, one query after another: first
// past the page cache, then with all pages read in it. It stores the rows of an index when they are complete, and does not measure
// an index that is stored for the same vectors. The index is removed when it has been measured.
func MeasureDisk(ctx context.Context, o DiskOptions) (rows []DiskRow, err error) {
	s, err := open(ctx, o.Options)
	if err != nil {
		return nil, err
	}
	queries := first(s.Queries, o.Plan.Queries)
	bar := progress.New(s.Progress, "", len(o.Indexes), "")
	defer bar.Stop()
	for _, x := range o.Indexes {
		name := fmt.Sprintf("disk-%s-%v", x.Way, x.Memory)
		bar.Describe(name)
		key := parts.Key(func(sum io.Writer) { fmt.Fprintf(sum, "storage disk %d %s %d", version, s.data, queries.N) })
		of, _, err := storedDisk.Get(filepath.Join(s.dir, name+"-"+key+".csv"), func() ([]DiskRow, error) { return s.measure(ctx, x, queries) })
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
		bar.Add(1)
	}
	return rows, nil
}

// storedDisk stores the rows of an index.
var storedDisk = parts.Kind[[]DiskRow]{Read: table.ReadRows[DiskRow], Write: table.WriteRows[DiskRow]}

// measure builds and searches an index.
func (s *session) measure(ctx context.Context, x DiskIndex, queries ann.Coordinates) (rows []DiskRow, err error) {
	folder := filepath.Join(s.dir, fmt.Sprintf("index-%s-%v", x.Way, x.Memory))
	if _, err := os.Stat(filepath.Join(folder, "index.json")); errors.Is(err, fs.ErrNotExist) {
		_, err = storage.Build(ctx, storage.Options{
			Base: s.Base, Learn: s.Learn, Out: folder, Way: x.Way, Memory: x.Memory, Seed: 1, Ks: Ks, Progress: s.Progress,
		})
		if err != nil {
			return nil, err
		}
	}
	t, err := newTest(ctx, OtherPhotographs, s.Base, queries)
	if err != nil {
		return nil, err
	}
	for _, k := range Ks {
		for _, recall := range diskRecalls {
			row, err := s.search(ctx, folder, t, k, recall)
			if errors.Is(err, storage.ErrRecall) {
				continue
			}
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, os.RemoveAll(folder)
}

// search searches an index for all queries.
func (s *session) search(ctx context.Context, folder string, t test, k int, recall float64) (r DiskRow, err error) {
	cold, err := runSearches(ctx, folder, postings.Auto, t, k, recall, 1)
	if err != nil {
		return r, err
	}
	warm, err := runSearches(ctx, folder, postings.Cached, t, k, recall, 2)
	if err != nil {
		return r, err
	}
	n := float64(t.queries.N)
	return DiskRow{
		Data: s.Data, Way: cold.index.Way, Base: s.Base.N, Memory: float64(cold.index.MemoryBytes) / float64(s.Base.N), K: k, Wanted: recall,
		Setting: fmt.Sprintf("%d units, stopped by %s at %v", cold.index.Units, cold.rule, cold.threshold),
		Recall:  cold.recall, Vectors: float64(cold.cost.Vectors) / n, Bytes: float64(cold.bytes) / n, Reads: float64(cold.cost.Reads) / n,
		Cold: cold.median, Warm: warm.median, CPU: cold.cpu / n, Access: cold.index.Mode(),
	}, nil
}

// searches is the result of runSearches.
type searches struct {
	index     *storage.Index
	rule      string
	threshold float64
	recall    float64
	cost      postings.Cost
	bytes     int64   // read from the disk
	median    float64 // milliseconds of a query
	cpu       float64 // milliseconds of all queries
}

// runSearches searches for all queries a number of times and returns the result of the last time.
func runSearches(ctx context.Context, folder string, access postings.Access, t test, k int, recall float64, times int) (r searches, err error) {
	x, err := storage.Open(folder, postings.Options{Access: access})
	if err != nil {
		return r, err
	}
	defer x.Close()
	rule, effort, err := x.Effort(k, recall)
	if err != nil {
		return r, err
	}
	for range times {
		r = searches{index: x, rule: rule.Key, threshold: effort.Threshold}
		searcher, err := x.NewSearcher(k, rule, effort.Threshold)
		if err != nil {
			return r, err
		}
		if err := r.run(ctx, searcher, t, k); err != nil {
			return r, err
		}
	}
	return r, nil
}

// run searches for all queries, one after another. The garbage of what ran before is collected first: it is no work of a query.
func (r *searches) run(ctx context.Context, s *storage.Searcher, t test, k int) error {
	runtime.GC()
	readBefore, err := bytesRead()
	if err != nil {
		return err
	}
	cpuBefore, err := processorTime()
	if err != nil {
		return err
	}
	row, times := make([]float32, t.queries.D), make([]float64, t.queries.N)
	lists := make([]ann.Neighbors, t.queries.N)
	for q := range lists {
		began := time.Now()
		if lists[q], err = s.Search(ctx, ann.Query{Vector: t.queries.Row(q, row)}); err != nil {
			return err
		}
		times[q] = float64(time.Since(began)) / float64(time.Millisecond)
	}
	cpuAfter, err := processorTime()
	if err != nil {
		return err
	}
	r.cpu = float64(cpuAfter-cpuBefore) / float64(time.Millisecond)
	readAfter, err := bytesRead()
	if err != nil {
		return err
	}
	r.bytes, r.cost = readAfter-readBefore, s.Cost
	slices.Sort(times)
	r.median = times[len(times)/2]
	for q, list := range lists {
		farthest := t.truth[q][k-1].Distance * (1 + 1e-5) // both distances are rounded
		found, _ := slices.BinarySearchFunc(list, farthest, func(n ann.Neighbor, d float32) int { return cmp.Or(cmp.Compare(n.Distance, d), -1) })
		r.recall += float64(found) / float64(k) / float64(len(lists))
	}
	return nil
}

// bytesRead returns the bytes that this process has read from disks, by the kernel's count.
func bytesRead() (int64, error) {
	data, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if count, ok := strings.CutPrefix(line, "read_bytes: "); ok {
			return strconv.ParseInt(strings.TrimSpace(count), 10, 64)
		}
	}
	return 0, errors.New("/proc/self/io: no line read_bytes")
}

// processorTime returns the processor time of this process.
func processorTime() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), os.NewSyscallError("getrusage", err)
}
