package advise

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/report"
	"anncapacity/lib/words"
)

// checkEngines are the engines of environment/peers/advise_check.py.
var checkEngines = []string{"faiss", "hnswlib", "usearch"}

// checkRecall is the recall that the advice is for.
const checkRecall = .98

// checkSizes are the numbers of vectors of one trial: indexed ones, queries that the advice sees, and fresh ones.
type checkSizes struct{ base, queries, fresh int }

// freshSet draws the vectors of a trial. draw is nil where the set is not available here.
type freshSet struct {
	name   string
	metric ann.Metric
	draw   func(t *testing.T, n checkSizes, rng *rand.Rand) (base, queries, fresh ann.Vectors)
}

var freshSets = []freshSet{
	{"photographs", ann.Euclidean, photographs},
	{"glove", ann.Cosine, func(t *testing.T, n checkSizes, rng *rand.Rand) (a, b, c ann.Vectors) {
		return parts(gloveVectors(t), n, rng)
	}},
	{"inner product", ann.InnerProduct, innerProduct},
	{"other queries", ann.Euclidean, otherQueries},
}

// The advised efSearch reaches the wanted recall on queries that the advice has not seen, in indexes that the engines build by
// themselves: one seed of synthetic vectors. With ADVISE_CHECK=N, N seeds of each of the four sets (make advise-check), of which
// at least 95 % must reach it; ADVISE_CHECK_SETS names the sets, separated by commas.
func TestFreshQueriesReachTheRecall(t *testing.T) {
	if !testkit.HasPeers(t, "fresh queries of FAISS, hnswlib and usearch", "hnswlib", "usearch") {
		return
	}
	seeds, err := strconv.Atoi(os.Getenv("ADVISE_CHECK"))
	if err != nil {
		reached := freshSets[2].try(t, checkSizes{1200, 800, 1500}, 1)
		for _, name := range checkEngines {
			if reached[name] < checkRecall {
				t.Errorf("%s: recall %.4f of fresh queries, wanted %v", name, reached[name], checkRecall)
			}
		}
		return
	}
	for _, set := range freshSets {
		if only := os.Getenv("ADVISE_CHECK_SETS"); only == "" || slices.Contains(strings.Split(only, ","), set.name) {
			t.Run(set.name, func(t *testing.T) { set.check(t, seeds) })
		}
	}
}

// check tries each seed and counts those with which each engine reaches the recall. A seed without advice does not.
func (s freshSet) check(t *testing.T, seeds int) {
	counts, none := map[string]int{}, 0
	for seed := range seeds {
		reached := s.try(t, checkSizes{4000, 2400, 4000}, uint64(seed))
		if reached == nil {
			none++
		}
		for _, name := range checkEngines {
			if reached[name] >= checkRecall {
				counts[name]++
			}
		}
	}
	for _, name := range checkEngines {
		t.Logf("%s, %s: %d of %d seeds reach the recall; no advice for %d", s.name, name, counts[name], seeds, none)
		if float64(counts[name]) < .95*float64(seeds) {
			t.Errorf("%s, %s: %d of %d seeds", s.name, name, counts[name], seeds)
		}
	}
}

// try returns the mean recall of each engine for fresh queries at the efSearch that is advised from four graphs; nil if there is no
// advice. k = 10, M = 16, efConstruction = 100.
func (s freshSet) try(t *testing.T, n checkSizes, seed uint64) map[string]float64 {
	t.Helper()
	const k, m, construction = 10, 16, 100
	base, queries, fresh := s.draw(t, n, rand.New(rand.NewPCG(seed, 7)))
	r := run(t, Options{Base: base, Queries: queries, Metric: s.metric, K: []int{k}, Recall: checkRecall, M: []int{m}, EfConstruction: []int{construction}, Builds: 4, Seed: 100 * seed})
	if r.Advice == nil {
		t.Logf("%s, seed %d: %s", s.name, seed, r.Notes[0])
		return nil
	}
	dir := t.TempDir()
	for name, v := range map[string]ann.Vectors{"base.npy": base, "fresh.npy": fresh} {
		if err := embedding.Write(filepath.Join(dir, name), v, make([]embedding.Row, v.N)); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{dir, report.MetricName(s.metric), fmt.Sprint(m), fmt.Sprint(construction), fmt.Sprint(seed + 1), fmt.Sprint(k), fmt.Sprint(r.Advice.EfSearch)}
	testkit.Python(t, "advise_check.py", append(args, checkEngines...)...)
	recalls := map[string]float64{}
	limits := s.limits(t, base, fresh, k)
	for _, name := range checkEngines {
		recalls[name] = s.recall(t, filepath.Join(dir, name+".bin"), base, fresh, limits, k)
	}
	t.Logf("%s, seed %d: efSearch %d, bound %.4f, verified %.4f; fresh %v", s.name, seed, r.Advice.EfSearch, r.Advice.Bound, r.Advice.Verified, recalls)
	return recalls
}

// limits returns the largest distance that counts as near, for each query: that of the k-th exact neighbour and its rounding.
func (s freshSet) limits(t *testing.T, base, fresh ann.Vectors, k int) []float64 {
	t.Helper()
	index, err := exact.NewMetric(base, s.metric)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := index.SearchBatch(t.Context(), fresh, k)
	if err != nil {
		t.Fatal(err)
	}
	limits := make([]float64, len(lists))
	for q, list := range lists {
		kth := float64(s.metric.Distance(fresh.Row(q), base.Row(int(list[k-1].ID))))
		limits[q] = kth + 1e-6*math.Abs(kth)
	}
	return limits
}

// recall returns the mean recall by distance of the answers in a file.
func (s freshSet) recall(t *testing.T, path string, base, fresh ann.Vectors, limits []float64, k int) float64 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int32, fresh.N*k)
	if n, err := binary.Decode(data, binary.LittleEndian, ids); err != nil || n != len(data) {
		t.Fatal(n, err)
	}
	near := 0
	for i, id := range ids {
		if q := i / k; id >= 0 && float64(s.metric.Distance(fresh.Row(q), base.Row(int(id)))) <= limits[q] {
			near++
		}
	}
	return float64(near) / float64(len(ids))
}

// parts divides random rows of v.
func parts(v ann.Vectors, n checkSizes, rng *rand.Rand) (base, queries, fresh ann.Vectors) {
	rows := make([]int32, v.N)
	for i, row := range rng.Perm(v.N) {
		rows[i] = int32(row)
	}
	take := func(count int) ann.Vectors {
		if count == 0 {
			return ann.Vectors{}
		}
		part, err := v.Subset(rows[:min(count, len(rows))])
		if err != nil {
			panic(err)
		}
		rows = rows[part.N:]
		return part
	}
	return take(n.base), take(n.queries), take(n.fresh)
}

func photographs(t *testing.T, n checkSizes, rng *rand.Rand) (base, queries, fresh ann.Vectors) {
	const name = "embeddings/imagenette96_resnet50-pqf.npy"
	if !testkit.HasShared(t, "fresh queries of photographs", name) {
		t.SkipNow()
	}
	v, err := embedding.Open(testkit.Shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return parts(v, n, rng)
}

func gloveVectors(t *testing.T) ann.Vectors {
	w, err := words.Open()
	if err != nil {
		t.Skip(err)
	}
	return w.Vectors
}

// innerProduct draws Gaussian directions in 24 dimensions with lengths from a log-normal distribution: the longest of 4,000 is
// about 40 times as long as the shortest.
func innerProduct(_ *testing.T, n checkSizes, rng *rand.Rand) (base, queries, fresh ann.Vectors) {
	all := n.base + n.queries + n.fresh
	v := ann.Vectors{N: all, D: 24, Data: make([]float32, all*24)}
	for i := range v.N {
		length := math.Exp(.5 * rng.NormFloat64())
		for j := range v.Row(i) {
			v.Row(i)[j] = float32(length * rng.NormFloat64())
		}
	}
	return parts(v, n, rng)
}

// otherQueries draws words, and queries that are the mean vectors of two to eight words each, as a short text has.
func otherQueries(t *testing.T, n checkSizes, rng *rand.Rand) (base, queries, fresh ann.Vectors) {
	v := gloveVectors(t)
	base, _, _ = parts(v, checkSizes{base: n.base}, rng)
	texts := func(count int) ann.Vectors {
		means := ann.Vectors{N: count, D: v.D, Data: make([]float32, count*v.D)}
		for i := range count {
			length := 2 + rng.IntN(7)
			for range length {
				for j, x := range v.Row(rng.IntN(v.N)) {
					means.Row(i)[j] += x / float32(length)
				}
			}
		}
		return means
	}
	return base, texts(n.queries), texts(n.fresh)
}
