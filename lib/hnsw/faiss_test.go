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

// photographs are embeddings of photographs, which are too large to be committed.
const photographs = "embeddings/imagenette96_resnet50-pqf.npy"

// engineRun holds a graph of FAISS or hnswlib, and refers to the engine's answers to every step-th point.
type engineRun struct {
	base    ann.Vectors
	matrix  *exact.Matrix
	truth   [][]int32
	graph   *Graph
	dir     string
	step    int
	efs, ks []int
}

// askAboutPoints returns the run of FAISS or hnswlib on the committed points, with M = 16 and efConstruction = 200, with
// the answers to every 20th point.
func askAboutPoints(t *testing.T, peers testkit.Peers, engine string) engineRun {
	t.Helper()
	run := engineRun{dir: testkit.WithPoints(t, testkit.Embeddings), step: 20, efs: []int{16, 50, 100}, ks: []int{10, 50, 150}}
	peers.Ask(t, testkit.Question{
		Name: "hnsw_" + engine, Folder: run.dir, Script: "hnsw_answers.py", Same: true,
		Args: []string{engine, testkit.Embeddings, "16", "200", strconv.Itoa(run.step), join(run.efs), join(run.ks)},
	})
	return run.open(t, filepath.Join(run.dir, testkit.Embeddings), 1000)
}

// askAboutPhotographs returns the run of FAISS on the first n embeddings, with M = 32 and efConstruction = 200.
func askAboutPhotographs(t *testing.T, n int) engineRun {
	t.Helper()
	path := testkit.Shared(t, photographs)
	run := engineRun{dir: t.TempDir(), step: 1, efs: []int{25, 50, 75, 100}, ks: []int{10, 50, 100, 200, 500}}
	testkit.Python(t, "faiss_hnsw.py", path, strconv.Itoa(n), "32", "200", run.dir, join(run.efs), join(run.ks))
	return run.open(t, path, n)
}

func (r engineRun) open(t *testing.T, path string, n int) engineRun {
	t.Helper()
	v, err := embedding.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	r.base = ann.Vectors{N: n, D: v.D, Data: v.Data[:n*v.D]}
	if r.matrix, err = exact.AllPairs(context.Background(), r.base); err != nil {
		t.Fatal(err)
	}
	if r.truth, err = r.matrix.NearestIDs(slices.Max(r.ks)); err != nil {
		t.Fatal(err)
	}
	if r.graph, err = Load(filepath.Join(r.dir, "graph.hnsw")); err != nil {
		t.Fatal(err)
	}
	return r
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

// queries returns the number of queries that the engine answered.
func (r engineRun) queries() int { return (r.base.N + r.step - 1) / r.step }

// answers returns the engine's answers for k + 1 at efSearch, per query, without the query itself and empty slots.
func (r engineRun) answers(t *testing.T, ef, k int) [][]int32 {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, fmt.Sprintf("ids_%d_%d.bin", ef, k)))
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int32, r.queries()*(k+1))
	if _, err := binary.Decode(data, binary.LittleEndian, ids); err != nil {
		t.Fatal(err)
	}
	lists := make([][]int32, r.queries())
	for q := range lists {
		for _, id := range ids[q*(k+1) : (q+1)*(k+1)] {
			if id >= 0 && int(id) != q*r.step && len(lists[q]) < k {
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

// On FAISS's own graph, a walk gives FAISS's answers: every member of every list, and every empty slot, at every
// (k, efSearch). Members whose distances to the query agree in five digits may differ: FAISS sums the squares in another
// order.
func TestWalkOnFAISSGraphGivesFAISSAnswer(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		if short := askAboutPoints(t, peers, "faiss").compareWalks(t, Pad, 0); short == 0 {
			t.Error("no list is short: padding was not compared")
		}
	})
	if testkit.HasShared(t, "walks on FAISS's graph of photographs", photographs) && testkit.HasPeers(t, "walks on FAISS's graph of photographs") {
		t.Run("photographs", func(t *testing.T) { askAboutPhotographs(t, 3000).compareWalks(t, Pad, 20) })
	}
}

// On hnswlib's own graph, a walk with the policy Raise gives hnswlib's answers. Of several points at the last distance,
// hnswlib may return another.
func TestWalkOnHNSWLibGraphGivesHNSWLibAnswer(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		if short := askAboutPoints(t, peers, "hnswlib").compareWalks(t, Raise, 10); short != 0 {
			t.Errorf("%d lists are short", short)
		}
	}, "hnswlib")
}

// compareWalks compares the answers of walks on the engine's graph with the engine's answers, and returns the number of
// short ones. In total, at most the given number of members may differ by ties.
func (r engineRun) compareWalks(t *testing.T, policy Policy, most int) (short int) {
	t.Helper()
	w, err := NewWalker(r.graph, OnMatrix(r.matrix))
	if err != nil {
		t.Fatal(err)
	}
	ties := 0
	for _, ef := range r.efs {
		for _, k := range r.ks {
			for i, theirs := range r.answers(t, ef, k) {
				query := ann.PointID(int32(i * r.step))
				walk, err := w.Walk(query, policy.Terms(k, ef, query).EfSearch)
				if err != nil {
					t.Fatal(err)
				}
				list, err := walk.Answer(policy, k, ef)
				if err != nil {
					t.Fatal(err)
				}
				if len(list) < k {
					short++
				}
				ties += r.ties(t, i*r.step, list, theirs)
			}
		}
	}
	lists := len(r.efs) * len(r.ks) * r.queries()
	if t.Logf("%d lists, %d of them short, %d members in ties", lists, short, ties); ties > most {
		t.Errorf("%d ties in %d lists: too many to be chance", ties, lists)
	}
	return short
}

// ties returns the number of members that only one of two answers has. It fails if one of them is not a tie at the last
// distance.
func (r engineRun) ties(t *testing.T, q int, list ann.Neighbors, theirs []int32) (count int) {
	t.Helper()
	const tie = 1e-5
	if len(list) != len(theirs) {
		t.Fatalf("query %d: %d answers, the engine %d", q, len(list), len(theirs))
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

// Graphs built here, on distances or on vectors, have the overlap of FAISS's graph within .01 at every (k, efSearch).
func TestOverlapIsFAISSOverlap(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		run := askAboutPoints(t, peers, "faiss")
		run.compareOverlaps(t, run.overlaps(t, run.graph)) // a walk on FAISS's graph gives FAISS's answer, as tested above
	})
	const unchecked = "overlap of FAISS's graph of 10,000 photographs"
	if !testkit.HasShared(t, unchecked, photographs) || !testkit.HasPeers(t, unchecked) {
		return
	}
	t.Run("photographs", func(t *testing.T) {
		run, theirs := askAboutPhotographs(t, 10000), map[[2]int]float64{}
		for _, ef := range run.efs {
			for _, k := range run.ks {
				for q, list := range run.answers(t, ef, k) {
					theirs[[2]int{ef, k}] += overlap(run.truth[q][:k], list, k) / float64(run.base.N)
				}
			}
		}
		run.compareOverlaps(t, theirs)
	})
}

// compareOverlaps compares the overlaps of graphs built here with those of the engine.
func (r engineRun) compareOverlaps(t *testing.T, theirs map[[2]int]float64) {
	for name, space := range map[string]Space{"matrix": OnMatrix(r.matrix), "vectors": OnVectors(r.base)} {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			g := build(t, space, Options{M: r.graph.Options().M, Seed: 42})
			t.Logf("built in %v, %.2f links per node; FAISS %.2f", time.Since(started), g.MeanLinks(), r.graph.MeanLinks())
			for at, ours := range r.overlaps(t, g) {
				t.Logf("efSearch %3d, k %3d: overlap %.4f, FAISS %.4f", at[0], at[1], ours, theirs[at])
				if d := ours - theirs[at]; d > .01 || d < -.01 {
					t.Errorf("efSearch %d, k %d: overlap %.4f, FAISS %.4f", at[0], at[1], ours, theirs[at])
				}
			}
		})
	}
}

// overlaps returns the mean overlap of a graph at every (efSearch, k).
func (r engineRun) overlaps(t *testing.T, g *Graph) map[[2]int]float64 {
	t.Helper()
	w, err := NewWalker(g, OnMatrix(r.matrix))
	if err != nil {
		t.Fatal(err)
	}
	mean := make(map[[2]int]float64)
	for q := range r.base.N {
		walk, err := w.Walk(ann.PointID(int32(q)), slices.Max(r.efs))
		if err != nil {
			t.Fatal(err)
		}
		for _, ef := range r.efs {
			for _, k := range r.ks {
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
