package exact

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/internal/vec"
)

// Equal vectors tie at any position in a block, also in blocks of odd sizes, where the last digits of a product depend
// on the position. Equal queries have equal lists.
func TestEqualVectorsTieAnywhere(t *testing.T) {
	for _, shape := range [][3]int{{999, 300, 2}, {1001, 777, 3}, {50, 777, 17}} {
		base, queries := random(shape[0], shape[1], 1), random(shape[2], shape[1], 2)
		for i := 3; i < base.N; i += 2 {
			copy(base.Row(i), base.Row(1))
		}
		for _, metric := range ann.Metrics {
			x, err := NewMetric(base, metric)
			if err != nil {
				t.Fatal(err)
			}
			batch, err := x.SearchBatch(context.Background(), queries, base.N)
			if err != nil {
				t.Fatal(err)
			}
			all, err := x.SearchAll(context.Background(), base.N-1)
			if err != nil {
				t.Fatal(err)
			}
			for q, list := range append(batch, all...) {
				if !tied(list) {
					t.Errorf("%v, %d × %d: list %d separates equal vectors", metric, base.N, base.D, q)
				}
			}
		}
		m, err := AllPairs(context.Background(), base)
		if err != nil {
			t.Fatal(err)
		}
		for q := range base.N {
			for i := 3; i < base.N; i += 2 {
				if row := m.Row(int32(q)); row[i] != row[1] || m.Row(int32(i))[q] != row[1] {
					t.Fatalf("%d × %d: row %d of the matrix separates equal vectors", base.N, base.D, q)
				}
			}
		}
	}
}

// tied reports whether all odd IDs have the same distance, in ascending order.
func tied(list ann.Neighbors) bool {
	last := ann.Neighbor{ID: -1}
	for _, n := range list {
		if n.ID%2 == 0 {
			continue
		}
		if last.ID >= 0 && (n.ID < last.ID || n.Distance != last.Distance) {
			return false
		}
		last = n
	}
	return true
}

func TestUnrepresentableDistances(t *testing.T) {
	for _, test := range []struct {
		name   string
		v      ann.Vectors
		metric ann.Metric
		says   string
	}{
		{"long", ann.Vectors{N: 3, D: 2, Data: []float32{3e38, 3e38, -3e38, -3e38, 1, 1}}, ann.Euclidean, "row 2 is at euclidean distance 4.24e+38 from query row 0"},
		{"large products", ann.Vectors{N: 2, D: 1, Data: []float32{1e20, 2e20}}, ann.InnerProduct, "row 1 is at inner product distance -2e+40 from query row 0"},
		{"small products", ann.Vectors{N: 2, D: 1, Data: []float32{1e-30, 2e-30}}, ann.InnerProduct, "row 1 is at inner product distance -2e-60 from query row 0"},
		{"NaN", ann.Vectors{N: 2, D: 2, Data: []float32{1, 2, 3, float32(math.NaN())}}, ann.Euclidean, "row 1, column 1 is NaN"},
		{"infinity", ann.Vectors{N: 2, D: 2, Data: []float32{1, float32(math.Inf(-1)), 3, 4}}, ann.Cosine, "row 0, column 1 is -Inf"},
	} {
		x, err := NewMetric(test.v, test.metric)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.SearchAll(context.Background(), test.v.N-1); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.name, err)
		}
		if _, err := x.SearchBatch(context.Background(), test.v, test.v.N); err == nil {
			t.Errorf("%s: a batch is no error", test.name)
		}
		if _, err := x.Search(ann.Point(test.v, 0), test.v.N-1); err == nil {
			t.Errorf("%s: one query is no error", test.name)
		}
	}
}

// Queries far longer or shorter than the vectors of the base have the correct neighbours.
func TestQueriesOfOtherLengths(t *testing.T) {
	base, queries := random(300, 8, 1), random(20, 8, 2)
	for i := range queries.Data {
		queries.Data[i] *= []float32{1e30, 1e-30}[i/8%2]
	}
	lists, err := New(base).SearchBatch(context.Background(), queries, 5)
	if err != nil {
		t.Fatal(err)
	}
	for q, list := range lists {
		for i, n := range list {
			want := math.Sqrt(vec.SquaredL2(queries.Row(q), base.Row(int(n.ID))))
			if math.Abs(float64(n.Distance)-want) > 1e-6*want {
				t.Errorf("query %d, place %d: %v, must be %v", q, i, n.Distance, want)
			}
		}
		if q%2 == 1 && list[0].ID != oracle(base, queries.Row(q), -1, 1)[0] {
			t.Errorf("query %d: %v", q, list)
		}
	}
}

func TestOneVectorHasNoNeighbours(t *testing.T) {
	one := random(1, 4, 1)
	if _, err := New(one).SearchAll(context.Background(), 100); err == nil || !strings.Contains(err.Error(), "only one vector") {
		t.Errorf("one vector: %v", err)
	}
	if _, err := New(random(10, 4, 1)).SearchAll(context.Background(), 100); err == nil || !strings.Contains(err.Error(), "n = 10: k = 100: must be between 1 and 9") {
		t.Errorf("ten vectors: %v", err)
	}
}

// With an offset of 10⁵, 1 − cos is 10⁻¹⁰, and cosines in double precision still distinguish neighbours: n = 3,000, d =
// 64, k = 10.
func TestCosineOfNearlyParallelVectors(t *testing.T) {
	for offset, least := range map[float64]float64{1e5: .999, 1e6: .999} {
		v := made(3000, 64, func(rng *rand.Rand, _, _ int) float64 { return offset + rng.NormFloat64() })
		x, err := NewMetric(v, ann.Cosine)
		if err != nil {
			t.Fatal(err)
		}
		all, err := x.SearchAll(context.Background(), 10)
		if err != nil {
			t.Fatal(err)
		}
		shared, asked := 0, 0
		for q := 0; q < v.N; q += 10 {
			one, err := x.Search(ann.Point(v, int32(q)), 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range one {
				for _, m := range all[q] {
					if n.ID == m.ID {
						shared++
					}
				}
				if d := ann.Cosine.Distance(v.Row(q), v.Row(int(n.ID))); math.Abs(float64(n.Distance-d)) > 1e-6*float64(d) {
					t.Errorf("offset %v: query %d: %v, by definition %v", offset, q, n, d)
				}
			}
			asked += 10
		}
		if share := float64(shared) / float64(asked); share < least {
			t.Errorf("offset %v: %v of the neighbours are those in double precision", offset, share)
		}
	}
}

// Squared distances of small integers are those of FAISS IndexFlatL2 at every rank, to the bit. FAISS does not order ties by ID.
func TestWholeDistancesAreFAISSs(t *testing.T) { testkit.EachPeers(t, testWholeDistances) }

func testWholeDistances(t *testing.T, peers testkit.Peers) {
	const k = 30
	v, folder := made(600, 24, whole(0, 3)), t.TempDir()
	path, out := filepath.Join(folder, "whole.npy"), filepath.Join(folder, "faiss")
	if err := embedding.Write(path, v, make([]embedding.Row, v.N)); err != nil {
		t.Fatal(err)
	}
	peers.Ask(t, testkit.Question{
		Name: "flat_whole", Folder: folder, Script: "faiss_flat.py", Args: []string{"whole.npy", strconv.Itoa(v.N), strconv.Itoa(k), "faiss"}, Same: true,
	})
	squared := read[float32](t, out+"_squared.bin", v.N*k)
	all, err := New(v).SearchAll(context.Background(), k)
	if err != nil {
		t.Fatal(err)
	}
	for q, list := range all {
		for i, n := range list {
			if want := float32(math.Sqrt(float64(squared[q*k+i]))); n.Distance != want {
				t.Fatalf("query %d, place %d: %v, FAISS has %v", q, i, n.Distance, want)
			}
		}
	}
}
