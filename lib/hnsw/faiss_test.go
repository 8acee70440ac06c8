package hnsw

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/testkit"
)

var (
	faissEfs = []int{25, 50, 75, 100}
	faissKs  = []int{10, 50, 100, 200, 500}
)

// faissRun is what FAISS IndexHNSWFlat made of the first n embeddings, with M = 32.
type faissRun struct {
	base   ann.Vectors
	matrix *exact.Matrix
	truth  [][]int32
	graph  *Graph
	dir    string
}

func newFaissRun(t *testing.T, n, efConstruction int) faissRun {
	t.Helper()
	path := testkit.Shared(t, "embeddings/imagenette96_resnet50-pqf.npy")
	run := faissRun{dir: t.TempDir()}
	testkit.Python(t, "faiss_hnsw.py", path, strconv.Itoa(n), "32", strconv.Itoa(efConstruction), run.dir, join(faissEfs), join(faissKs))
	v, err := embedding.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	run.base = ann.Vectors{N: n, D: v.D, Data: v.Data[:n*v.D]}
	if run.matrix, err = exact.AllPairs(context.Background(), run.base); err != nil {
		t.Fatal(err)
	}
	if run.truth, err = run.matrix.NearestIDs(slices.Max(faissKs)); err != nil {
		t.Fatal(err)
	}
	if run.graph, err = Load(filepath.Join(run.dir, "graph.hnsw")); err != nil {
		t.Fatal(err)
	}
	return run
}

func join(numbers []int) string {
	s := ""
	for i, n := range numbers {
		if i > 0 {
			s += ","
		}
		s += strconv.Itoa(n)
	}
	return s
}

// answers is FAISS's answers for k + 1 at efSearch, per query without the query itself and without empty slots.
func (r faissRun) answers(t *testing.T, ef, k int) [][]int32 {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, fmt.Sprintf("ids_%d_%d.bin", ef, k)))
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int32, r.base.N*(k+1))
	if _, err := binary.Decode(data, binary.LittleEndian, ids); err != nil {
		t.Fatal(err)
	}
	lists := make([][]int32, r.base.N)
	for q := range lists {
		for _, id := range ids[q*(k+1) : (q+1)*(k+1)] {
			if id >= 0 && int(id) != q && len(lists[q]) < k {
				lists[q] = append(lists[q], id)
			}
		}
	}
	return lists
}

func overlap(a, b []int32, k int) float64 {
	in := make(map[int32]bool, len(a))
	for _, id := range a {
		in[id] = true
	}
	both := 0
	for _, id := range b {
		if in[id] {
			both++
		}
	}
	return float64(both) / float64(k)
}

// On FAISS's own graph, a walk gives FAISS's answer: every member of every list, and every empty slot, at every
// (k, efSearch). Two members may change places where their distances to the query are the same to five digits:
// FAISS sums the squares in another order.
func TestWalkOnFAISSGraphGivesFAISSAnswer(t *testing.T) {
	run := newFaissRun(t, 3000, 200)
	w, err := NewWalker(run.graph, OnMatrix(run.matrix))
	if err != nil {
		t.Fatal(err)
	}
	ties := 0
	for _, ef := range faissEfs {
		for _, k := range faissKs {
			short := 0
			for q, theirs := range run.answers(t, ef, k) {
				walk, err := w.Walk(ann.PointID(int32(q)), ef)
				if err != nil {
					t.Fatal(err)
				}
				list, err := walk.Answer(Pad, k, ef)
				if err != nil {
					t.Fatal(err)
				}
				if len(list) < k {
					short++
				}
				ties += run.ties(t, q, list, theirs)
			}
			t.Logf("efSearch %d, k %d: %d lists equal, %d of them short", ef, k, run.base.N, short)
		}
	}
	if t.Logf("%d members in ties", ties); ties > 20 {
		t.Errorf("%d ties in 60,000 lists: too many to be chance", ties)
	}
}

// ties counts the members of only one of two answers, and fails for one that is no tie at the last distance.
func (r faissRun) ties(t *testing.T, q int, list ann.Neighbors, theirs []int32) (count int) {
	t.Helper()
	const tie = 1e-5
	if len(list) != len(theirs) {
		t.Fatalf("query %d: %d answers, FAISS %d", q, len(list), len(theirs))
	}
	last := list[len(list)-1].Distance
	for _, pair := range [][2][]int32{{idsOf(list), theirs}, {theirs, idsOf(list)}} {
		for _, id := range pair[1] {
			if slices.Contains(pair[0], id) {
				continue
			}
			if d := ann.L2(r.base.Row(q), r.base.Row(int(id))); d < last*(1-tie) || d > last*(1+tie) {
				t.Fatalf("query %d: only one answer holds %d, at %v; the last is at %v", q, id, d, last)
			}
			count++
		}
	}
	return count
}

func idsOf(list ann.Neighbors) []int32 {
	ids := make([]int32, len(list))
	for i, n := range list {
		ids[i] = n.ID
	}
	return ids
}

// The project's own graph, built on distances or on vectors, is as good as FAISS's: overlap within .01 at every
// (k, efSearch).
func TestOverlapIsFAISSOverlap(t *testing.T) {
	run := newFaissRun(t, 10000, 200)
	theirs := map[[2]int]float64{}
	for _, ef := range faissEfs {
		for _, k := range faissKs {
			for q, list := range run.answers(t, ef, k) {
				theirs[[2]int{ef, k}] += overlap(run.truth[q][:k], list, k) / float64(run.base.N)
			}
		}
	}
	for name, space := range map[string]Space{"matrix": OnMatrix(run.matrix), "vectors": OnVectors(run.base)} {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			g := build(t, space, Options{Seed: 42})
			t.Logf("built in %v, %.2f links per node; FAISS %.2f", time.Since(started), g.MeanLinks(), run.graph.MeanLinks())
			ours := run.overlaps(t, g)
			for _, ef := range faissEfs {
				for _, k := range faissKs {
					at := [2]int{ef, k}
					t.Logf("efSearch %3d, k %3d: overlap %.4f, FAISS %.4f", ef, k, ours[at], theirs[at])
					if d := ours[at] - theirs[at]; d > .01 || d < -.01 {
						t.Errorf("efSearch %d, k %d: overlap %.4f, FAISS %.4f", ef, k, ours[at], theirs[at])
					}
				}
			}
		})
	}
}

// overlaps is a graph's mean overlap at every (efSearch, k).
func (r faissRun) overlaps(t *testing.T, g *Graph) map[[2]int]float64 {
	t.Helper()
	w, err := NewWalker(g, OnMatrix(r.matrix))
	if err != nil {
		t.Fatal(err)
	}
	mean := make(map[[2]int]float64)
	for q := range r.base.N {
		walk, err := w.Walk(ann.PointID(int32(q)), slices.Max(faissEfs))
		if err != nil {
			t.Fatal(err)
		}
		for _, ef := range faissEfs {
			for _, k := range faissKs {
				list, err := walk.Answer(Pad, k, ef)
				if err != nil {
					t.Fatal(err)
				}
				mean[[2]int{ef, k}] += overlap(r.truth[q][:k], idsOf(list), k) / float64(r.base.N)
			}
		}
	}
	return mean
}
