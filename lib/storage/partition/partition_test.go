package partition

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/internal/vec"
)

// made returns n × d coordinates, each computed by a function of its row.
func made(n, d int, coordinate func(rng *rand.Rand, i int) float64) ann.Coordinates {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(d)))
	c := ann.Coordinates{N: n, D: d, Floats: make([]float32, n*d)}
	for i := range c.Floats {
		c.Floats[i] = float32(coordinate(rng, i/d))
	}
	return c
}

func normal(rng *rand.Rand, _ int) float64 { return rng.NormFloat64() }

// bytesOf returns the coordinates as uint8, after scaling.
func bytesOf(c ann.Coordinates) ann.Coordinates {
	b := ann.Coordinates{N: c.N, D: c.D, Bytes: make([]uint8, len(c.Floats))}
	for i, x := range c.Floats {
		b.Bytes[i] = uint8(max(0, min(255, 128+32*x)))
	}
	return b
}

// kinds returns vectors on which float32 products are hard in different ways.
func kinds() map[string]ann.Coordinates {
	repeated := made(1500, 6, normal)
	for i := 1; i < repeated.N; i++ {
		copy(repeated.Floats[i*6:(i+1)*6], repeated.Floats[i%7*6:])
	}
	outlier := made(1000, 8, func(rng *rand.Rand, i int) float64 { return float64(i%10) + 1e-2*rng.NormFloat64() })
	outlier.Floats[5000] = 1e6
	return map[string]ann.Coordinates{
		"normal":   made(3000, 24, normal),
		"bytes":    bytesOf(made(5000, 16, normal)),
		"offset":   made(2000, 12, func(rng *rand.Rand, _ int) float64 { return 1e5 + rng.NormFloat64() }),
		"large":    made(999, 5, func(rng *rand.Rand, _ int) float64 { return 1e18 * rng.NormFloat64() }),
		"grid":     made(2500, 3, func(rng *rand.Rand, _ int) float64 { return float64(rng.IntN(4)) }),
		"repeated": repeated,
		"outlier":  outlier,
		"few":      made(20, 4, normal),
	}
}

// The assignment is that of a search of all centroids in double precision, ties to the lower ID, whatever float32 loses, and the
// sums follow from it. The inertia never rises from one iteration to the next.
func TestAssignmentIsNearest(t *testing.T) {
	for name, base := range kinds() {
		t.Run(name, func(t *testing.T) {
			r, err := KMeans(context.Background(), base, Options{Clusters: 20, Seed: 1, Iterations: 10})
			if err != nil {
				t.Fatal(err)
			}
			inertia, row := 0., make([]float32, base.D)
			for i, got := range r.Assignment {
				want, least := nearestOf(base.Row(i, row), r.Centroids)
				if inertia += least; int(got) != want {
					t.Fatalf("vector %d is in cluster %d, its nearest centroid is %d", i, got, want)
				}
			}
			if math.Abs(inertia-r.Inertia) > 1e-12*inertia {
				t.Errorf("inertia %v, want %v", r.Inertia, inertia)
			}
			checkDescends(t, append(r.Trace, r.Inertia))
			if err := r.Layout().Check(base.N); err != nil {
				t.Error(err)
			}
		})
	}
}

// checkDescends reports an inertia that is above the one before, except by the rounding of centroids to float32.
func checkDescends(t *testing.T, trace []float64) {
	t.Helper()
	for i := 1; i < len(trace); i++ {
		if !(trace[i] <= trace[i-1]*(1+1e-6)) {
			t.Errorf("inertia %v", trace)
		}
	}
}

// nearestOf returns the nearest centroid and its squared distance.
func nearestOf(x []float32, centroids ann.Vectors) (nearest int, least float64) {
	least = math.Inf(1)
	for c := range centroids.N {
		if d := vec.SquaredL2(x, centroids.Row(c)); d < least {
			nearest, least = c, d
		}
	}
	return nearest, least
}

// The result is the same on one core and on several.
func TestSameOnOneCore(t *testing.T) {
	base := bytesOf(made(9000, 24, normal))
	both := func() (results []Result) {
		plain, err := KMeans(context.Background(), base, Options{Clusters: 40, Seed: 3, Iterations: 5, Sample: 100})
		if err != nil {
			t.Fatal(err)
		}
		balanced, err := Balanced(context.Background(), base, BalancedOptions{Options: Options{Clusters: 40, Seed: 3, Iterations: 3}})
		if err != nil {
			t.Fatal(err)
		}
		return []Result{plain, balanced}
	}
	many := both()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if one := both(); !reflect.DeepEqual(one, many) {
		t.Errorf("inertia %v on one core, %v on several", one[0].Inertia, many[0].Inertia)
	}
}

// FAISS's k-means, from the same first centroids, has the same inertia at the start of every iteration. From other vectors drawn
// at random it ends within 1 %.
func TestAgreesWithFAISS(t *testing.T) {
	if !testkit.HasPeers(t, "k-means against FAISS's") {
		return
	}
	const clusters, iterations = 50, 20
	base := made(20000, 16, func(rng *rand.Rand, i int) float64 { return float64(i%97)/20 + rng.NormFloat64() })
	r, err := KMeans(context.Background(), base, Options{Clusters: clusters, Seed: 5, Iterations: iterations})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	first := seeds(rand.New(rand.NewPCG(5, 0)), base, clusters)
	vectors, centroids := filepath.Join(dir, "base.npy"), filepath.Join(dir, "centroids.npy")
	for path, v := range map[string]ann.Vectors{vectors: base.Vectors(), centroids: first} {
		if err := embedding.Write(path, v, make([]embedding.Row, v.N)); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(more ...string) (answer struct {
		Inertia float64
		Trace   []float64
	}) {
		args := append([]string{vectors, strconv.Itoa(base.N), strconv.Itoa(clusters), strconv.Itoa(iterations), "0", "1"}, more...)
		if err := json.Unmarshal(testkit.Python(t, "faiss_kmeans.py", args...), &answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	same := ask(centroids)
	for i, want := range same.Trace {
		if math.Abs(r.Trace[i]-want) > 1e-4*want {
			t.Errorf("iteration %d: inertia %v, FAISS %v", i, r.Trace[i], want)
		}
	}
	if len(same.Trace) != iterations || math.Abs(r.Inertia-same.Inertia) > 1e-4*r.Inertia {
		t.Errorf("inertia %v, FAISS %v after %d iterations", r.Inertia, same.Inertia, len(same.Trace))
	}
	if other := ask(); r.Inertia > 1.01*other.Inertia {
		t.Errorf("inertia %v, FAISS from its own first centroids %v", r.Inertia, other.Inertia)
	}
}

// A sample of as many vectors as there are changes nothing; a smaller one trains on fewer.
func TestSample(t *testing.T) {
	base := made(4000, 8, normal)
	inertia := func(sample int) (float64, float64) {
		r, err := KMeans(context.Background(), base, Options{Clusters: 10, Iterations: 4, Sample: sample})
		if err != nil {
			t.Fatal(err)
		}
		return r.Trace[3], r.Inertia
	}
	trained, all := inertia(0)
	if _, whole := inertia(400); whole != all {
		t.Errorf("inertia %v with a sample of all vectors, %v without one", whole, all)
	}
	if some, end := inertia(50); some > .2*trained || end < all || end > 1.2*all {
		t.Errorf("inertia of the training vectors %v, of the base %v; without a sample %v and %v", some, end, trained, all)
	}
}
