package audit

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/indexfile"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/report"
)

// filtered is what index_files.py writes: the external IDs that a library returned to each query.
type filtered struct {
	K, Ef int
	IDs   [][]int
}

// accepts reports whether the filter of index_files.py accepts a vector.
func accepts(i int) bool { return i%10 == 3 }

// filteredIndexes lets FAISS and hnswlib index Gaussian vectors (n = 1500, d = 16, M = 8, efConstruction = 40) and answer 20
// queries with a filter for a tenth of the vectors.
func filteredIndexes(t *testing.T) (queries ann.Vectors, indexes map[string]*indexfile.Index, answers map[string][]filtered) {
	t.Helper()
	folder := t.TempDir()
	rng := rand.New(rand.NewPCG(4, 0))
	write := func(name string, n int) ann.Vectors {
		v := ann.Vectors{N: n, D: 16}
		for range n * 16 {
			v.Data = append(v.Data, float32(rng.NormFloat64()))
		}
		if err := embedding.Write(filepath.Join(folder, name), v, make([]embedding.Row, n)); err != nil {
			t.Fatal(err)
		}
		return v
	}
	write("b.npy", 1500)
	queries = write("q.npy", 20)
	kinds := []string{"faiss-l2-filtered", "hnswlib-l2-filtered"}
	args := append([]string{"b.npy", "q.npy", "8", "40", "1,10,30,100,400", "1,5,20,60"}, kinds...)
	testkit.Peers{Live: true}.Ask(t, testkit.Question{Folder: folder, Script: "index_files.py", Args: args})
	indexes, answers, metric := map[string]*indexfile.Index{}, map[string][]filtered{}, ann.Euclidean
	for _, kind := range kinds {
		x, err := indexfile.Open(filepath.Join(folder, kind+".index"), indexfile.Options{Dimensions: 16, Metric: &metric})
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(folder, kind+".json"))
		var of []filtered
		if err == nil {
			err = json.Unmarshal(text, &of)
		}
		if err != nil {
			t.Fatal(err)
		}
		indexes[kind], answers[kind] = x, of
	}
	return queries, indexes, answers
}

// The survivors among the visited nodes are what FAISS returns with an IDSelector. hnswlib returns the answer of a walk that
// excludes the nodes that its filter function rejects; it is never shorter than what survives, and in most cases it is longer.
func TestFiltersOfTheLibraries(t *testing.T) {
	if !testkit.HasPeers(t, "filtered answers of FAISS and hnswlib", "hnswlib") {
		return
	}
	queries, indexes, answers := filteredIndexes(t)
	for kind, x := range indexes {
		lists, longer := 0, 0
		post, through := newFilterWalker(t, x, false), newFilterWalker(t, x, true)
		for _, a := range answers[kind] {
			for q, ids := range a.IDs {
				survivors, own := post(queries.Row(q), a.K, a.Ef), through(queries.Row(q), a.K, a.Ef)
				want := own
				if x.Format == indexfile.FAISS {
					want = survivors
				}
				if lists++; !sameNodes(x, want, ids) {
					t.Errorf("%s, query %d, k = %d, efSearch = %d: %v, want %v", kind, q, a.K, a.Ef, ids, want)
				}
				if len(survivors) > len(own) {
					t.Errorf("%s, query %d, k = %d, efSearch = %d: %d survive, but the filtered walk has %d", kind, q, a.K,
						a.Ef, len(survivors), len(own))
				} else if len(survivors) < len(own) {
					longer++
				}
			}
		}
		if t.Logf("%s: %d lists; the filtered walk is longer in %d", kind, lists, longer); longer == 0 {
			t.Errorf("%s: both ways to filter give answers of the same length", kind)
		}
	}
}

// newFilterWalker returns a function that returns a filtered answer: the survivors among the nodes that a search visits or, if
// excluded, the answer of a walk that does not count the nodes that the filter rejects.
func newFilterWalker(t *testing.T, x *indexfile.Index, excluded bool) func(query []float32, k, ef int) []int32 {
	t.Helper()
	space, err := x.Space()
	if err != nil {
		t.Fatal(err)
	}
	w, err := hnsw.NewBoundedWalker(x.Graph, space)
	if err != nil {
		t.Fatal(err)
	}
	if excluded {
		marked := make([]bool, x.Len())
		for i := range marked {
			marked[i] = !accepts(i)
		}
		if err := w.Exclude(marked); err != nil {
			t.Fatal(err)
		}
	}
	return func(query []float32, k, ef int) (answer []int32) {
		q := ann.Query{Vector: query}
		effort := x.Policy().Terms(k, ef, q).EfSearch
		walk, err := w.Walk(q, effort)
		if err != nil {
			t.Fatal(err)
		}
		ids, efforts := walk.Ranked(nil, nil)
		for i, id := range ids {
			if int(efforts[i]) <= effort && accepts(int(id)) && len(answer) < k {
				answer = append(answer, id)
			}
		}
		return answer
	}
}

func sameNodes(x *indexfile.Index, nodes []int32, ids []int) bool {
	if len(nodes) != len(ids) {
		return false
	}
	for i, id := range ids {
		if x.Format == indexfile.HNSWLib {
			id = (id - 1) / 3
		}
		if int(nodes[i]) != id {
			return false
		}
	}
	return true
}

// The rows of a label have the recall and the fill of FAISS's own answers with an IDSelector.
func TestLabelsAreFAISSAnswers(t *testing.T) {
	if !testkit.HasPeers(t, "recalls of filtered answers of FAISS", "hnswlib") {
		return
	}
	queries, indexes, answers := filteredIndexes(t)
	x := indexes["faiss-l2-filtered"]
	labels := make([]int64, x.Len())
	for i := range labels {
		if accepts(i) {
			labels[i] = 7
		}
	}
	r := run(t, Options{Name: "f", Index: x, Queries: queries, K: []int{1, 5, 20, 60}, EfSearch: []int{1, 10, 30, 100, 400},
		Recall: .9, Labels: labels, Label: []int64{7}})
	for _, a := range answers["faiss-l2-filtered"] {
		recall, fill := 0., 0.
		for q, ids := range a.IDs {
			var truth ann.Neighbors
			for i := range x.Len() {
				if accepts(i) {
					truth = append(truth, ann.Neighbor{ID: int32(i), Distance: ann.L2(queries.Row(q), x.Vectors.Row(i))})
				}
			}
			truth.Sort()
			for _, id := range ids {
				for _, n := range truth[:a.K] {
					if int(n.ID) == id {
						recall += 1 / float64(a.K*queries.N)
					}
				}
			}
			fill += float64(len(ids)) / float64(a.K*queries.N)
		}
		row := labelRow(r, a.K, a.Ef)
		if math.Abs(row.Recall-recall) > 1e-9 || math.Abs(row.Fill-fill) > 1e-9 || row.Matching != 150 || row.Selectivity != .1 {
			t.Errorf("k = %d, efSearch = %d: %+v; recall %v and fill %v expected", a.K, a.Ef, row, recall, fill)
		}
	}
}

func labelRow(r *report.Report, k, ef int) report.Label {
	for _, row := range r.Labels {
		if row.K == k && row.EfSearch == ef {
			return row
		}
	}
	return report.Label{}
}
