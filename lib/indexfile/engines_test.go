package indexfile

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/testkit"
)

// asked is what index_files.py writes for one k and efSearch: the external IDs that the library returned to each query.
type asked struct {
	K, Ef int
	IDs   [][]int64
}

// metricOf returns the metric in the name of a kind of index_files.py.
func metricOf(kind string) ann.Metric {
	switch {
	case strings.Contains(kind, "-cos"):
		return ann.Cosine
	case strings.Contains(kind, "-ip"):
		return ann.InnerProduct
	}
	return ann.Euclidean
}

// openKind opens an index file of index_files.py.
func openKind(t *testing.T, folder, kind string, dimensions int) *Index {
	t.Helper()
	metric := metricOf(kind)
	x, err := Open(filepath.Join(folder, kind+".index"), Options{Dimensions: dimensions, Metric: &metric})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, string(x.Format)) || strings.HasSuffix(kind, "-deleted") != (x.Deleted != nil) {
		t.Errorf("%s: format %s, %d of %d vectors in use", kind, x.Format, x.Live(), x.Len())
	}
	return x
}

// compareAnswers compares every answer of a walk on the graph of a file with that of the library.
func compareAnswers(t *testing.T, folder, kind string, queries ann.Vectors) *Index {
	t.Helper()
	x := openKind(t, folder, kind, queries.D)
	text, err := os.ReadFile(filepath.Join(folder, kind+".json"))
	var all []asked
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	answer := answers(t, x, queries)
	lists, tied, wrong := 0, 0, 0
	for _, a := range all {
		for q, theirs := range a.IDs {
			ours := answer(q, a.K, a.Ef)
			lists++
			switch compareLists(x, queries.Row(q), ours, theirs) {
			case different:
				if wrong++; wrong <= 3 {
					t.Errorf("%s, query %d, k = %d, efSearch = %d:\n%v\n%v", kind, q, a.K, a.Ef, x.names(ours), theirs)
				}
			case equalUpToTies:
				tied++
			}
		}
	}
	t.Logf("%s (%s %s): %d settings, %d lists, %d with ties, %d wrong", kind, x.Class, x.Version, len(all), lists, tied, wrong)
	return x
}

// answers returns a function that answers queries by walks.
func answers(t *testing.T, x *Index, queries ann.Vectors) func(q, k, ef int) ann.Neighbors {
	t.Helper()
	space, err := x.Space()
	if err != nil {
		t.Fatal(err)
	}
	w, err := hnsw.NewBoundedWalker(x.Graph, space)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Exclude(x.Deleted); err != nil {
		t.Fatal(err)
	}
	compared, err := x.Query(queries)
	if err != nil {
		t.Fatal(err)
	}
	return func(q, k, ef int) ann.Neighbors {
		query := ann.Query{Vector: compared.Row(q)}
		walk, err := w.Walk(query, x.Policy().Terms(k, ef, query).EfSearch)
		if err != nil {
			t.Fatal(err)
		}
		list, err := walk.Answer(x.Policy(), k, ef)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
}

func (x *Index) names(list ann.Neighbors) (names []string) {
	for _, n := range list {
		names = append(names, x.ID(n.ID))
	}
	return names
}

// The results of compareLists.
const (
	equal = iota
	equalUpToTies
	different
)

// compareLists compares an answer with that of a library. Two vectors tie if their distances are equal up to the rounding of
// float32.
func compareLists(x *Index, query []float32, ours ann.Neighbors, theirs []int64) int {
	if len(ours) != len(theirs) {
		return different
	}
	result := equal
	for i, n := range ours {
		id := uint64(theirs[i])
		if x.ids == nil && uint64(n.ID) == id || x.ids != nil && x.ids[n.ID] == id {
			continue
		}
		result = equalUpToTies
		node := x.nodeOf(id)
		if node < 0 {
			return different
		}
		a, b := float64(x.Metric.Distance(query, x.Vectors.Row(int(n.ID)))), float64(x.Metric.Distance(query, x.Vectors.Row(node)))
		if math.Abs(a-b) > 1e-5*max(1e-2, math.Abs(a)) {
			return different
		}
	}
	return result
}

// nodeOf returns the node with an external ID, or −1.
func (x *Index) nodeOf(id uint64) int {
	if x.ids == nil {
		return int(id)
	}
	for node, other := range x.ids {
		if other == id {
			return node
		}
	}
	return -1
}

// The pinned FAISS and hnswlib write an index of Gaussian vectors (n = 2000, d = 24, M = 12, efConstruction = 60) and answer 20
// queries at 20 settings. Every walk on the file gives the same answer.
func TestAnswersAreThoseOfTheLibraries(t *testing.T) {
	if !testkit.HasPeers(t, "the answers of FAISS and hnswlib on their own index files", "hnswlib") {
		return
	}
	folder := t.TempDir()
	base, queries := gaussianFile(t, filepath.Join(folder, "b.npy"), 2000, 24, 1), gaussianFile(t, filepath.Join(folder,
		"q.npy"), 20, 24, 2)
	kinds := []string{
		"faiss-l2", "faiss-ip", "faiss-map", "faiss-ip-map2",
		"hnswlib-l2", "hnswlib-ip", "hnswlib-cosine", "hnswlib-l2-deleted", "hnswlib-cosine-deleted",
	}
	args := append([]string{"b.npy", "q.npy", "12", "60", "1,10,16,50,200", "1,10,50,200"}, kinds...)
	testkit.Peers{Live: true}.Ask(t, testkit.Question{Folder: folder, Script: "index_files.py", Args: args})
	for _, kind := range kinds {
		x := compareAnswers(t, folder, kind, queries)
		if x.M != 12 || x.Ground != 24 || x.EfConstruction != 60 || x.Len() != base.N {
			t.Errorf("%s: M = %d, %d links on level 0, efConstruction = %d, n = %d", kind, x.M, x.Ground, x.EfConstruction, x.Len())
		}
	}
}

// committed lists the index files in testdata, by the version of the library that wrote them. They hold 16 vectors of 3
// dimensions (M = 2). The answers to committedQueries are those of the version itself, except for FAISS, where they are those of
// 1.15: the bounded queue of versions before 1.7.4 ends some searches early.
var committed = []struct{ version, kind string }{
	{"faiss-1.5.3", "faiss-l2"}, {"faiss-1.7.3", "faiss-ip-map2"}, {"hnswlib-0.3.2", "hnswlib-cosine"}, {"hnswlib-0.3.2",
		"hnswlib-l2-deleted"},
	{"usearch-2.0.1", "usearch-cos"}, {"usearch-2.9.2", "usearch-l2sq-f16"}, {"usearch-2.26.6", "usearch-l2sq-deleted"},
}

var committedQueries = ann.Vectors{N: 3, D: 3, Data: []float32{1, 0, -1, .5, 2, 0, -1, -1, -1}}

func TestFilesOfOtherVersions(t *testing.T) {
	for _, c := range committed {
		x := compareAnswers(t, filepath.Join("testdata", c.version), c.kind, committedQueries)
		if x.M != 2 || x.Ground != 4 || x.Len() != 16 {
			t.Errorf("%s, %s: M = %d, %d links on level 0, n = %d", c.version, c.kind, x.M, x.Ground, x.Len())
		}
		if version, _ := strings.CutPrefix(c.version, "usearch-"); x.Version != "" && x.Version != version {
			t.Errorf("%s: the file states version %s", c.version, x.Version)
		}
	}
}

// gaussianFile writes Gaussian vectors as .npy. (Package embedding would make the build of the fuzz test slow.)
func gaussianFile(t *testing.T, path string, n, d int, seed uint64) ann.Vectors {
	t.Helper()
	v := gaussian(n, d, seed)
	dict := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d)}", n, d)
	data := []byte(fmt.Sprintf("\x93NUMPY\x01\x00%c\x00%-117s\n", 118, dict))
	for _, x := range v.Data {
		data = le.AppendUint32(data, math.Float32bits(x))
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return v
}
