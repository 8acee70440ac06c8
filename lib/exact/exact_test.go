package exact

import (
	"context"
	"encoding/binary"
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
	"anncapacity/lib/internal/testkit"
)

// random returns n × d coordinates around 100, so that centring makes a difference.
func random(n, d int, seed uint64) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(100 + rng.NormFloat64())
	}
	return v
}

// oracle returns the k nearest by definition: float64 distances, ties by ID, the query excluded by its ID.
func oracle(base ann.Vectors, query []float32, self, k int) []int32 {
	type pair struct {
		squared float64
		id      int32
	}
	var all []pair
	for i := range base.N {
		var sum float64
		for j, x := range base.Row(i) {
			sum += (float64(x) - float64(query[j])) * (float64(x) - float64(query[j]))
		}
		if i != self {
			all = append(all, pair{sum, int32(i)})
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int {
		switch {
		case a.squared < b.squared:
			return -1
		case a.squared > b.squared:
			return 1
		}
		return 0
	})
	ids := make([]int32, k)
	for i := range ids {
		ids[i] = all[i].id
	}
	return ids
}

func ids(list ann.Neighbors) []int32 {
	out := make([]int32, len(list))
	for i, n := range list {
		out[i] = n.ID
	}
	return out
}

// Every search method must return the oracle's lists, for set sizes around the size of a block.
func TestEveryMethodAgreesWithTheOracle(t *testing.T) {
	for _, n := range []int{2, 3, 17, 500, 2501} {
		base := random(n, 24, uint64(n))
		k := min(20, n-1)
		m, err := AllPairs(context.Background(), base)
		if err != nil {
			t.Fatal(err)
		}
		matrix, err := m.NearestIDs(k)
		if err != nil {
			t.Fatal(err)
		}
		index := New(base)
		all, err := index.SearchAll(context.Background(), k)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := index.SearchBatch(context.Background(), base, k)
		if err != nil {
			t.Fatal(err)
		}
		for q := 0; q < n; q += 1 + n/50 {
			want := oracle(base, base.Row(q), q, k)
			one, err := index.Search(ann.Point(base, int32(q)), k)
			if err != nil {
				t.Fatal(err)
			}
			for way, got := range map[string][]int32{"matrix": matrix[q], "all": ids(all[q]), "one": ids(one)} {
				if !slices.Equal(got, want) {
					t.Errorf("n=%d query %d, %s: %v, want %v", n, q, way, got, want)
				}
			}
			if got, want := ids(batch[q]), oracle(base, base.Row(q), -1, k); !slices.Equal(got, want) {
				t.Errorf("n=%d query %d, batch: %v, want %v", n, q, got, want)
			}
		}
	}
}

func TestMatrixIsSymmetricWithZeroDiagonal(t *testing.T) {
	m, err := AllPairs(context.Background(), random(2600, 16, 1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range int32(m.Len()) {
		if m.Row(i)[i] != 0 {
			t.Fatalf("distance of %d to itself is %v", i, m.Row(i)[i])
		}
		for j := range i {
			if m.Row(i)[j] != m.Row(j)[i] {
				t.Fatalf("d(%d,%d) = %v, d(%d,%d) = %v", i, j, m.Row(i)[j], j, i, m.Row(j)[i])
			}
		}
	}
}

// Duplicates have distance exactly 0 and are ordered by ID, and only the query's own ID is excluded.
func TestDuplicatesTieByID(t *testing.T) {
	base := random(60, 32, 3)
	for _, i := range []int{7, 30, 31, 59} {
		copy(base.Row(i), base.Row(4))
	}
	all, err := New(base).SearchAll(context.Background(), 5)
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(all[30])[:4]; !slices.Equal(got, []int32{4, 7, 31, 59}) {
		t.Errorf("neighbours of a duplicate: %v", got)
	}
	for _, n := range all[30][:4] {
		if n.Distance != 0 {
			t.Errorf("duplicate %d at distance %v", n.ID, n.Distance)
		}
	}
}

// A squared distance of a millionth of the norms keeps its digits, which ‖a‖² + ‖b‖² − 2a·b alone would lose.
func TestNearDuplicatesKeepTheirDigits(t *testing.T) {
	base := random(50, 64, 5)
	copy(base.Row(9), base.Row(8))
	base.Row(9)[3] += 0.001
	want := float64(base.Row(9)[3] - base.Row(8)[3])
	all, err := New(base).SearchAll(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := all[8][0]; got.ID != 9 || math.Abs(float64(got.Distance)-want) > 1e-4*want {
		t.Errorf("nearest of 8: %+v, want 9 at %v", got, want)
	}
}

func TestInvalidQueries(t *testing.T) {
	base := random(10, 4, 1)
	index := New(base)
	m, err := AllPairs(context.Background(), base)
	if err != nil {
		t.Fatal(err)
	}
	ask := map[string]func(k int) error{
		"point":  func(k int) error { _, err := index.Search(ann.Point(base, 2), k); return err },
		"all":    func(k int) error { _, err := index.SearchAll(context.Background(), k); return err },
		"matrix": func(k int) error { _, err := m.NearestIDs(k); return err },
	}
	for name, search := range ask {
		if err := search(9); err != nil {
			t.Errorf("%s: k = n−1 refused: %v", name, err)
		}
		for _, k := range []int{-1, 0, 10} {
			if err := search(k); err == nil || !strings.Contains(err.Error(), "k = "+strconv.Itoa(k)) {
				t.Errorf("%s: k = %d of 10 gave %v", name, k, err)
			}
		}
	}
	if _, err := index.SearchBatch(context.Background(), random(3, 5, 1), 2); err == nil || !strings.Contains(err.Error(), "5 dimensions") {
		t.Errorf("wrong dimension gave %v", err)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := index.SearchAll(stopped, 2); err != context.Canceled {
		t.Errorf("a cancelled search gave %v", err)
	}
}

const photographs = "embeddings/imagenette96_resnet50-pqf.npy"

// The lists are compared with FAISS IndexFlatL2 on 1,000 × 64 points and, if available, 10,000 × 2048 embeddings of
// photographs. They must have the same members unless the distances at the end of the list differ by at most 1e-4
// relative.
func TestAgreesWithFAISS(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		folder := testkit.WithPoints(t, testkit.Embeddings)
		peers.Ask(t, testkit.Question{Name: "flat_embeddings", Folder: folder, Script: "faiss_flat.py", Args: []string{testkit.Embeddings, "1000", "20", "faiss"}, Same: true})
		compareWithFAISS(t, filepath.Join(folder, testkit.Embeddings), filepath.Join(folder, "faiss"), 1000, 20)
	})
	const unchecked = "FAISS's exact neighbours of 10,000 photographs"
	if !testkit.HasShared(t, unchecked, photographs) || !testkit.HasPeers(t, unchecked) {
		return
	}
	t.Run("photographs", func(t *testing.T) {
		path, out := testkit.Shared(t, photographs), filepath.Join(t.TempDir(), "faiss")
		testkit.Python(t, "faiss_flat.py", path, "10000", "500", out)
		compareWithFAISS(t, path, out, 10000, 500)
	})
}

// compareWithFAISS compares the k nearest of the first n vectors with the output of faiss_flat.py.
func compareWithFAISS(t *testing.T, path, out string, n, k int) {
	t.Helper()
	v, err := embedding.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	base := ann.Vectors{N: n, D: v.D, Data: v.Data[:n*v.D]}
	m, err := AllPairs(context.Background(), base)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := m.NearestIDs(k)
	if err != nil {
		t.Fatal(err)
	}
	theirs, squared := read[int32](t, out+"_ids.bin", n*k), read[float32](t, out+"_squared.bin", n*k)
	differences := 0
	for q := range n {
		differences += mismatches(m.Row(int32(q)), ours[q], theirs[q*k:(q+1)*k], squared[q*k:(q+1)*k], t)
	}
	t.Logf("%d of %d members differ, all of them ties within 1e-4", differences, n*k)
}

// mismatches returns the number of IDs that are in one list only. The test fails for one that is not a tie at the k-th
// distance.
func mismatches(row []float32, ours, theirs []int32, squared []float32, t *testing.T) (count int) {
	edge := float64(squared[len(squared)-1])
	for _, pair := range [][2][]int32{{ours, theirs}, {theirs, ours}} {
		for _, id := range pair[0] {
			if slices.Contains(pair[1], id) {
				continue
			}
			count++
			if d := float64(row[id]); math.Abs(d-edge) > 1e-4*edge {
				t.Errorf("member %d at %v is in one list only, and the k-th distance is %v", id, d, edge)
			}
		}
	}
	return count
}

func read[T any](t *testing.T, path string, n int) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data := make([]T, n)
	if err := binary.Read(f, binary.LittleEndian, data); err != nil {
		t.Fatal(err)
	}
	return data
}

func BenchmarkAllPairs(b *testing.B) {
	v, err := embedding.Open(testkit.Shared(b, photographs))
	if err != nil {
		b.Fatal(err)
	}
	base := ann.Vectors{N: 10000, D: v.D, Data: v.Data[:10000*v.D]}
	for b.Loop() {
		m, err := AllPairs(context.Background(), base)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := m.Neighbors(501); err != nil {
			b.Fatal(err)
		}
	}
}
