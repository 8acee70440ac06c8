package exact

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// made returns n × d coordinates, each computed by a function of its row and column.
func made(n, d int, coordinate func(rng *rand.Rand, i, j int) float64) ann.Vectors {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(d)))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(coordinate(rng, i/d, i%d))
	}
	return v
}

func normal(rng *rand.Rand, _, _ int) float64 { return rng.NormFloat64() }

func times(scale float64) func(*rand.Rand, int, int) float64 {
	return func(rng *rand.Rand, _, _ int) float64 { return scale * rng.NormFloat64() }
}

func plus(offset float64) func(*rand.Rand, int, int) float64 {
	return func(rng *rand.Rand, _, _ int) float64 { return offset + rng.NormFloat64() }
}

func whole(from, to int) func(*rand.Rand, int, int) float64 {
	return func(rng *rand.Rand, _, _ int) float64 { return float64(from + rng.IntN(to-from+1)) }
}

// kind is a set of vectors whose neighbours are known for k = 10.
type kind struct {
	name    string
	v       ann.Vectors
	exact   bool    // every ID must be the true one; otherwise it may be that of another vector as near, within closeness
	long    bool    // too long for an exact cosine
	within  float64 // relative error of a distance
	refused bool    // float32 cannot hold the inner products
}

// kinds returns sets with n around the size of a block, 1,000 rows.
func kinds() []kind {
	all := []kind{
		{name: "normal", v: made(1001, 32, normal), within: 2e-5},
		{name: "offset1e5", v: made(1500, 64, plus(1e5)), within: 2e-5},
		{name: "offset1e6", v: made(999, 64, plus(1e6)), within: 2e-5},
		{name: "binary24", v: made(2500, 24, whole(0, 1)), exact: true},
		{name: "binary1000", v: made(301, 1000, whole(0, 1)), exact: true},
		{name: "signs", v: made(999, 64, func(rng *rand.Rand, _, _ int) float64 { return float64(2*rng.IntN(2) - 1) }), exact: true},
		{name: "small", v: made(1001, 6, whole(-3, 3)), exact: true},
		{name: "quarters", v: made(1000, 8, func(rng *rand.Rand, _, _ int) float64 { return float64(rng.IntN(9)) / 4 }), exact: true},
		{name: "sift", v: made(2500, 128, func(rng *rand.Rand, _, _ int) float64 { return float64(rng.IntN(256)) * float64(rng.IntN(2)) }), exact: true},
		{name: "pixels", v: made(400, 784, whole(0, 255)), exact: true},
		{name: "millions", v: made(1001, 3, whole(-4000, 4000)), exact: true},
		{name: "far", v: made(999, 4, whole(1<<23-20, 1<<23+20)), exact: true, long: true},
		{name: "1e-41", v: made(1000, 8, times(1e-41)), within: 1e-3, refused: true},
		{name: "1e-22", v: made(999, 8, times(1e-22)), within: 2e-5, refused: true},
		{name: "1e20", v: made(1001, 8, times(1e20)), within: 2e-5, refused: true},
		{name: "1e37", v: made(1000, 8, times(1e37)), within: 2e-5, refused: true},
		{name: "wholes1e-43", v: made(500, 3, func(rng *rand.Rand, _, _ int) float64 { return float64(rng.IntN(9)) * 0x1p-143 }), exact: true, within: .2, refused: true},
	}
	for i := range all {
		for row := range all[i].v.N { // no zero vectors
			if all[i].v.Row(row)[0] == 0 && ann.Length(all[i].v.Row(row)) == 0 {
				all[i].v.Row(row)[0] = slices.Max(all[i].v.Data)
			}
		}
	}
	return append(all, mixed()...)
}

// mixed returns sets with repeated vectors or with vectors of very different lengths.
func mixed() []kind {
	repeated := made(1001, 32, normal)
	for i := 1; i < repeated.N; i += 3 {
		copy(repeated.Row(i), repeated.Row(i%7*3))
	}
	outlier := made(1000, 8, normal)
	outlier.Row(500)[2] = 1e20
	cluster := made(999, 4, times(1e-20))
	copy(cluster.Row(7), []float32{1, 0, 0, 0})
	scales := made(1001, 8, func(rng *rand.Rand, i, _ int) float64 { return rng.NormFloat64() * math.Pow(10, float64(i%3-1)*20) })
	copies := made(999, 5, whole(1, 9))
	for i := range copies.N { // multiples of ten directions
		for j := range copies.D {
			copies.Row(i)[j] = copies.Row(i % 10)[j] * float32(1+i/10)
		}
	}
	return []kind{
		{name: "repeated", v: repeated, within: 2e-5},
		{name: "outlier", v: outlier, within: 2e-5},
		{name: "cluster", v: cluster, within: 2e-5, refused: true},
		{name: "scales", v: scales, within: 2e-5, refused: true},
		{name: "multiples", v: copies, exact: true},
	}
}

const truthK = 10

// asked is a selection of the truth: the first places of every step-th row.
type asked struct{ step, places int }

// committedTruth has few rows and places and is stored in the repository; liveTruth has more rows and all places.
var committedTruth, liveTruth = asked{445, 64}, asked{89, 1 << 30}

// truth holds the neighbours in extended precision, exchanged as files in a folder.
type truth struct {
	ids       []int32   // of all rows in their order, query by query
	distances []float64 // likewise
}

func (a asked) read(t *testing.T, folder, name string, n int) truth {
	numbers := (n + a.step - 1) / a.step * min(n, a.places)
	return truth{read[int32](t, filepath.Join(folder, name+"_ids.i32"), numbers), read[float64](t, filepath.Join(folder, name+"_distances.f64"), numbers)}
}

// Every search method returns the neighbours that NumPy finds in extended precision, under every metric, for sets of
// which float32 arithmetic alone gives wrong neighbours. The bits are the same on one core and on two.
func TestTruth(t *testing.T) { testkit.EachPeers(t, testTruth) }

func testTruth(t *testing.T, peers testkit.Peers) {
	all, folder, asked := kinds(), t.TempDir(), committedTruth
	if peers.Live {
		asked = liveTruth
	}
	var list bytes.Buffer
	for _, kind := range all {
		for _, metric := range ann.Metrics {
			name := kind.name + "-" + strings.ReplaceAll(metric.String(), " ", "-")
			fmt.Fprintln(&list, name, kind.v.N, kind.v.D, strings.ReplaceAll(metric.String(), " ", "-"), asked.step)
			write(t, filepath.Join(folder, name+".f32"), kind.v.Data)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "cases.txt"), list.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	peers.Ask(t, testkit.Question{Name: "exact_truth", Folder: folder, Script: "exact_truth.py", Args: []string{".", strconv.Itoa(asked.places)}})
	for _, kind := range all {
		for _, metric := range ann.Metrics {
			name := kind.name + "-" + strings.ReplaceAll(metric.String(), " ", "-")
			t.Run(name, func(t *testing.T) { kind.check(t, metric, asked, asked.read(t, folder, name, kind.v.N)) })
		}
	}
}

func write(t *testing.T, path string, data []float32) {
	t.Helper()
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, data)
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (kind kind) check(t *testing.T, metric ann.Metric, asked asked, want truth) {
	x, err := NewMetric(kind.v, metric)
	if metric == ann.Cosine && kind.long {
		kind.exact, kind.within = false, 2e-5
	}
	if err != nil {
		t.Fatal(err)
	}
	for way, ask := range asked.ways(x) {
		lists, err := ask()
		if metric == ann.InnerProduct && (kind.refused || kind.name == "outlier" && way == "batch") {
			if err == nil || !strings.Contains(err.Error(), "which float32 cannot hold") {
				t.Errorf("%s: %v", way, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", way, err)
		}
		if metric == ann.Euclidean && (way == "pairs" || way == "stream") || metric == ann.Cosine && way == "pairs" {
			cores := runtime.GOMAXPROCS(0)
			runtime.GOMAXPROCS(1 + cores%2)
			again, err := ask()
			runtime.GOMAXPROCS(cores)
			if err != nil || !slices.EqualFunc(lists, again, slices.Equal) {
				t.Errorf("%s: another number of cores gives other lists, %v", way, err)
			}
		}
		places := min(kind.v.N, asked.places)
		for q := 0; q < kind.v.N; q += asked.step {
			at := q / asked.step * places
			self := q
			if way == "batch" {
				self = -1
			}
			if !kind.sameAs(t, way, q, lists[q], truth{want.ids[at : at+places], want.distances[at : at+places]}, self) {
				break
			}
		}
	}
}

// ways returns all methods to search the 10 nearest of every vector.
func (a asked) ways(x *Index) map[string]func() ([]ann.Neighbors, error) {
	ctx := context.Background()
	all := map[string]func() ([]ann.Neighbors, error){
		"pairs": func() ([]ann.Neighbors, error) { return x.pairwise(ctx, truthK) },
		"stream": func() ([]ann.Neighbors, error) {
			y := *x
			y.MaxMemory = x.streamed(x.base.N, truthK, blockRows)
			return y.SearchAll(ctx, truthK)
		},
		"batch": func() ([]ann.Neighbors, error) { return x.SearchBatch(ctx, x.base, truthK) },
		"one": func() ([]ann.Neighbors, error) {
			lists := make([]ann.Neighbors, x.base.N)
			for q := 0; q < x.base.N; q += a.step {
				var err error
				if lists[q], err = x.Search(ann.Point(x.base, int32(q)), truthK); err != nil {
					return nil, err
				}
			}
			return lists, nil
		},
	}
	if x.points.metric == ann.Euclidean {
		all["matrix"] = func() ([]ann.Neighbors, error) {
			m, err := AllPairs(ctx, x.base)
			if err != nil {
				return nil, err
			}
			return m.Neighbors(truthK)
		}
	}
	return all
}

// closeness is the relative difference from the true distance that is allowed for another vector in its place.
const closeness = 2e-5

func (kind kind) sameAs(t *testing.T, way string, query int, got ann.Neighbors, want truth, self int) bool {
	t.Helper()
	if len(got) != truthK {
		t.Errorf("%s: query %d: %d neighbours", way, query, len(got))
		return false
	}
	distance := make(map[int32]float64, len(want.ids))
	for i, id := range want.ids {
		distance[id] = want.distances[i]
	}
	place := 0
	for _, n := range got {
		if int(want.ids[place]) == self {
			place++
		}
		id, d := want.ids[place], want.distances[place]
		place++
		if _, listed := distance[n.ID]; !listed { // no nearer than the last place that is
			distance[n.ID] = want.distances[len(want.distances)-1]
		}
		slack := max(kind.within, 1e-7) * math.Abs(distance[n.ID])
		if x := kind.within; x > 0 && math.Abs(d) < 1e5 && distance[n.ID] < 0 { // the error of an inner product is a share of the product of the lengths
			slack = max(slack, 1e-5*ann.Length(kind.v.Row(query))*ann.Length(kind.v.Row(int(n.ID))))
		}
		if kind.exact && n.ID != id || distance[n.ID]-d > closeness*math.Abs(d)+slack && n.ID != id || math.Abs(float64(n.Distance)-distance[n.ID]) > slack {
			t.Errorf("%s: query %d: %d at %v (in truth %v), want %d at %v", way, query, n.ID, n.Distance, distance[n.ID], id, d)
			return false
		}
	}
	return true
}
