package advise

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/report"
)

// On the embeddings of 5,000 photographs, FAISS with the same M and efConstruction has the reported recall at the advised
// efSearch within .005, and the share of queries that reach it. k = 100, recall 0.99.
func TestFAISSReachesTheRecall(t *testing.T) {
	const n, k, recall = 5000, 100, 0.99
	const photographs, unchecked = "embeddings/imagenette96_resnet50-pqf.npy", "FAISS's recall on photographs; TestEnginesReachTheRecall checks other vectors"
	if !testkit.HasShared(t, unchecked, photographs) || !testkit.HasPeers(t, unchecked) {
		return
	}
	path := testkit.Shared(t, photographs)
	v, err := embedding.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	base := ann.Vectors{N: n, D: v.D, Data: v.Data[:n*v.D]}
	s := run(t, Options{Base: base, K: []int{k}, Recall: recall, Seed: 42, Builds: 1}).Indexes[0]
	truth, err := exact.New(base).SearchAll(context.Background(), k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	testkit.Python(t, "faiss_hnsw.py", path, strconv.Itoa(n), strconv.Itoa(s.M), strconv.Itoa(s.EfConstruction), dir,
		fmt.Sprintf("%d,%d", s.Mean.EfSearch, s.Each.EfSearch), strconv.Itoa(k))
	for _, a := range []*report.Need{s.Mean, s.Each} {
		theirs := faissRecalls(t, filepath.Join(dir, fmt.Sprintf("ids_%d_%d.bin", a.EfSearch, k)), truth, k)
		t.Logf("efSearch %d: recall %.4f, FAISS's %.4f; %.4f of the queries reach it, FAISS's %.4f", a.EfSearch, a.Recall, average(theirs), a.Reached, shareFrom(theirs, recall))
		if math.Abs(average(theirs)-a.Recall) > .005 || average(theirs) < recall-.005 {
			t.Errorf("efSearch %d: reported recall %.4f, FAISS %.4f", a.EfSearch, a.Recall, average(theirs))
		}
	}
	if theirs := faissRecalls(t, filepath.Join(dir, fmt.Sprintf("ids_%d_%d.bin", s.Each.EfSearch, k)), truth, k); shareFrom(theirs, recall) < defaultShare-.005 {
		t.Errorf("efSearch %d: %.4f of FAISS's queries reach the recall", s.Each.EfSearch, shareFrom(theirs, recall))
	}
}

// faissRecalls returns the recall of FAISS's answers, which include the query and empty slots (−1).
func faissRecalls(t *testing.T, path string, truth []ann.Neighbors, k int) []float64 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int32, len(truth)*(k+1))
	if _, err := binary.Decode(data, binary.LittleEndian, ids); err != nil {
		t.Fatal(err)
	}
	recalls := make([]float64, len(truth))
	for q, list := range truth {
		answer := ids[q*(k+1) : (q+1)*(k+1)]
		for _, n := range list {
			if slices.Contains(answer, n.ID) {
				recalls[q] += 1 / float64(k)
			}
		}
	}
	return recalls
}
