package peers

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"anncapacity/lib/internal/table"
)

// The small set: points in clusters around random centres, as bytes.
const (
	points, questions, dims = 6000, 40, 32
	centres, spread         = 60, 12
)

// write writes the base and the queries of the small set to a folder and returns options for them.
func write(t *testing.T) Options {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	middle := make([][dims]float64, centres)
	for i := range middle {
		for j := range middle[i] {
			middle[i][j] = 40 + 160*random.Float64()
		}
	}
	folder := t.TempDir()
	for name, n := range map[string]int{"base": points, "queries": questions} {
		var file []byte
		for range n {
			file = binary.LittleEndian.AppendUint32(file, dims)
			for _, m := range middle[random.IntN(centres)] {
				file = append(file, byte(min(255, max(0, m+spread*random.NormFloat64()))))
			}
		}
		if err := os.WriteFile(filepath.Join(folder, name), file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(folder, name) }
	return Options{Base: at("base"), Queries: at("queries"), Out: at("out")}
}

// high is an effort at which a peer finds nearly all neighbours of the small set.
var high = map[string]int{
	"faiss-ivf-flat": 16, "faiss-ivf-flat-random": 16, "faiss-ivf-pq": 16, "faiss-pq": 64, "diskann": 150, "lancedb-ivf-pq": 16,
	"lancedb-ivf-flat": 16, "sptag-spann": 16,
}

func TestPeersFindTheNearestAndTheirBytesAreCounted(t *testing.T) {
	for _, key := range Keys() {
		t.Run(key, func(t *testing.T) {
			o := write(t)
			o.Peers, o.Budgets, o.Efforts = []string{key}, []float64{16}, []int{1, high[key]}
			if key == "diskann" {
				o.Efforts[0] = 10
			}
			result, err := Run(t.Context(), o)
			skipAbsent(t, result, err)
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Rows) != 2 {
				t.Fatalf("%d rows, want one for each of the efforts %v", len(result.Rows), o.Efforts)
			}
			low, best := result.Rows[0], result.Rows[1]
			if best.Recall1 < 0.95 || best.Recall10 < 0.95 || best.Recall10 < low.Recall10 {
				t.Errorf("recall@1 %g, recall@10 %g at effort %d; recall@10 %g at %d",
					best.Recall1, best.Recall10, best.Effort, low.Recall10, low.Effort)
			}
			checkCounts(t, result.Rows)
			checkStored(t, o, result)
		})
	}
}

func skipAbsent(t *testing.T, result Result, err error) {
	t.Helper()
	for _, p := range result.Absent() {
		t.Skipf("not checked: %s is not installed: run `%s`", p.Peer, p.Install)
	}
	if faiss, _ := find("faiss-pq"); faiss.absent() != nil {
		t.Skipf("not checked: FAISS, which finds the truth, is not installed: run `%s`", faiss.install)
	}
}

// checkCounts checks what must hold for any peer that reads the vectors that it compares from the disk.
func checkCounts(t *testing.T, rows []Row) {
	t.Helper()
	for _, r := range rows {
		component := 1.0
		if r.Stored == "float32" {
			component = 4
		}
		if least := 10 * r.Recall10 * dims * component / 4; r.BytesRead < least {
			t.Errorf("effort %d: %g bytes read a query, less than a quarter of the vectors found", r.Effort, r.BytesRead)
		}
		if r.Vectors >= 0 && r.Vectors < 10*r.Recall10 {
			t.Errorf("effort %d: %g vectors fetched, recall@10 %g", r.Effort, r.Vectors, r.Recall10)
		}
		if r.MemoryBytesPerVector <= 0 || r.DiskBytesPerVector < dims*component {
			t.Errorf("%g bytes in memory and %g on disk a vector", r.MemoryBytesPerVector, r.DiskBytesPerVector)
		}
	}
}

// checkStored checks that the table is stored and that a second run takes the part: a new measurement would have other times.
func checkStored(t *testing.T, o Options, result Result) {
	t.Helper()
	stored, err := table.ReadRows[Row](filepath.Join(o.Out, "peers.csv"))
	if err != nil || len(stored) != len(result.Rows) || stored[0] != result.Rows[0] {
		t.Errorf("peers.csv holds %v: %v", stored, err)
	}
	again, err := Run(t.Context(), o)
	if err != nil || len(again.Rows) != len(result.Rows) || again.Rows[1] != result.Rows[1] {
		t.Errorf("a second run gave %v: %v", again.Rows, err)
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	o := write(t)
	o.Peers = []string{"faiss-pq"}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result, err := Run(ctx, o)
	skipAbsent(t, result, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
