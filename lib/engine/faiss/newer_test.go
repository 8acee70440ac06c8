package faiss

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/internal/testkit"
)

// The FAISS of the pinned wheel, which is newer than Debian's, gives the same exact answers and has the same policies.
func TestNewerFAISSDoesTheSame(t *testing.T) {
	const k, ef = 800, 10
	base, queries := enginetest.Gaussian(2000, 16, 21), enginetest.Gaussian(40, 16, 22)
	var newer struct {
		Version string
		Exact   [][]int32
		Filled  map[string]float64
	}
	if err := Engines()[flat].Missing(); err != nil {
		t.Skip(err)
	}
	if !testkit.HasPeers(t, "answers and policies of a newer FAISS") {
		return
	}
	out := testkit.Python(t, "faiss_policies.py", written(t, base), written(t, queries), strconv.Itoa(k), strconv.Itoa(ef))
	if err := json.Unmarshal(out, &newer); err != nil {
		t.Fatal(err)
	}
	for _, e := range Engines() {
		x := enginetest.Build(t, e, base, engine.Options{M: 8, EfConstruction: 40})
		if err := x.SetEfSearch(ef); err != nil {
			t.Fatal(err)
		}
		answers, err := x.AskBatch(t.Context(), queries, k)
		if err != nil {
			t.Fatal(err)
		}
		filled := 0.0
		for q, a := range answers {
			full := slices.DeleteFunc(slices.Clone(a.IDs), func(id int32) bool { return id == engine.Padding })
			filled += float64(len(full)) / float64(queries.N)
			if e.Exact() && !slices.Equal(a.IDs[:10], newer.Exact[q]) {
				t.Errorf("query %d: %v, FAISS %s %v", q, a.IDs[:10], newer.Version, newer.Exact[q])
			}
		}
		theirs := newer.Filled[e.Name]
		t.Logf("%s, k %d, efSearch %d: FAISS %s fills %.1f slots, %s %.1f", e.Name, k, ef, e.Version(), filled, newer.Version, theirs)
		if (filled == k) != (theirs == k) || filled < theirs/2 || filled > theirs*2 {
			t.Errorf("%s: %.1f and %.1f slots are not one policy", e.Name, filled, theirs)
		}
	}
}

// written writes v to an npy file and returns its path.
func written(t *testing.T, v ann.Vectors) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "v.npy")
	if err := embedding.Write(path, v, make([]embedding.Row, v.N)); err != nil {
		t.Fatal(err)
	}
	return path
}
