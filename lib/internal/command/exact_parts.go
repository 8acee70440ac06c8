package command

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/sealed"
)

// groupKind names the format of a stored group and the version of its computation.
const groupKind = "anncapacity exact group 1"

// groups stores the neighbours of groups of queries, so that an interrupted search can resume. The only group of a search is not
// stored.
type groups struct {
	dir, key string
	queries  int                 // of all groups
	skipped  func(share float64) // if not nil, is told the share that is done after a stored group
}

// newGroups returns the groups of a search in the folder OUT.parts. They depend on the vectors, k and the metric. No queries mean
// that the points are the queries.
func newGroups(out string, base, queries ann.Vectors, k int, metric ann.Metric) groups {
	g := groups{dir: out + ".parts", queries: queries.N}
	if g.queries == 0 {
		g.queries = base.N
	}
	g.key = parts.Key(func(sum io.Writer) {
		fmt.Fprintln(sum, groupKind, base.N, base.D, queries.N, k, metric)
		for _, data := range [][]float32{base.Data, queries.Data} {
			for some := range slices.Chunk(data, 1<<16) {
				binary.Write(sum, binary.LittleEndian, some)
			}
		}
	})
	return g
}

// get implements exact.Index.Group.
func (g groups) get(from, n int, compute func() ([]ann.Neighbors, error)) ([]ann.Neighbors, error) {
	if n == g.queries {
		return compute()
	}
	if err := os.MkdirAll(g.dir, 0o755); err != nil {
		return nil, err
	}
	kind := parts.Kind[[]ann.Neighbors]{Read: readGroup, Write: writeGroup}
	lists, found, err := kind.Get(filepath.Join(g.dir, fmt.Sprintf("%s-%09d-%d", g.key, from, n)), compute)
	if found && g.skipped != nil {
		g.skipped(float64(from+n) / float64(g.queries))
	}
	return lists, err
}

// remove deletes the stored groups of a finished search, and the folder if it is empty then.
func (g groups) remove() error {
	stored, err := filepath.Glob(filepath.Join(g.dir, g.key+"-*"))
	for _, path := range stored {
		err = errors.Join(err, os.Remove(path))
	}
	os.Remove(g.dir) // fails if it is not empty or was never created
	return err
}

// groupShape describes the numbers of a stored group: the length of each list.
type groupShape struct{ Lengths []int }

func writeGroup(path string, lists []ann.Neighbors) error {
	var shape groupShape
	for _, list := range lists {
		shape.Lengths = append(shape.Lengths, len(list))
	}
	content, err := sealed.Seal(groupKind, shape, slices.Concat(lists...))
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

func readGroup(path string) ([]ann.Neighbors, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var shape groupShape
	r, err := sealed.Open(content, groupKind, &shape)
	if err != nil {
		return nil, fmt.Errorf("%s %w; delete it to compute it again", path, err)
	}
	lists := make([]ann.Neighbors, len(shape.Lengths))
	for i, n := range shape.Lengths {
		if lists[i], err = sealed.Numbers[ann.Neighbor](r, n); err != nil {
			return nil, fmt.Errorf("%s: list %d: %w", path, i, err)
		}
	}
	return lists, nil
}

// forecast says how long the rest of a search will take. It says it again later, because the first blocks of the base take
// longer: most of their vectors are candidates, until k near ones are known.
type forecast struct {
	w         io.Writer
	started   time.Time           // of the search, or when the last stored group was read
	from      float64             // share that was done then
	said      int                 // number of forecasts
	forecasts func(share float64) // is told every share too
	now       func() time.Time    // time.Now
}

// A forecast is made after forecastShare of the work or the first of forecastTimes, and at the others.
const (
	forecastShare = .01
	leastForecast = 30 * time.Second // shorter searches need no forecast
)

func forecastTimes() []time.Duration {
	return []time.Duration{5 * time.Second, time.Minute, 10 * time.Minute}
}

// skip is told the share that is done after a stored group, which was read and not computed.
func (f *forecast) skip(share float64) { f.from, f.started = share, f.now() }

// report is told the share that is done.
func (f *forecast) report(share float64) {
	f.forecasts(share)
	elapsed, done, times := f.now().Sub(f.started), share-f.from, forecastTimes()
	if f.said == len(times) || done <= 0 || elapsed < times[f.said] && (f.said > 0 || done < forecastShare) {
		return
	}
	for f.said++; f.said < len(times) && elapsed >= times[f.said]; f.said++ {
	}
	left := time.Duration(float64(elapsed) * (1 - share) / done)
	if left+elapsed >= leastForecast {
		fmt.Fprintf(f.w, "\nforecast from %s, %.2g %% of the search: %s left; an interrupted search continues where it stopped\n",
			round(elapsed), 100*done, round(left))
	}
}

// round returns a duration with two digits of its largest unit.
func round(d time.Duration) time.Duration {
	unit := math.Pow(10, math.Floor(math.Log10(d.Seconds()))-1)
	return time.Duration(math.Round(d.Seconds()/unit)*unit) * time.Second
}
