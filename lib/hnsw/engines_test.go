package hnsw

import (
	"bytes"
	"context"
	"encoding/json"
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
)

// Graphs built by the rules of FAISS 1.15 and hnswlib have the recall of these engines' graphs within .004, at efSearch
// k + 1 and 50. M = 16, efConstruction = 200, k = 10; means over 3 seeds here and over 3 orders in the engines. The
// committed answers are for 1,000 points; live peers use 2,500 Gaussian vectors, d = 32 (seed 32).
func TestRecallAsInTheEngines(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		dir, points := testkit.WithPoints(t, testkit.Embeddings), testkit.Embeddings
		if peers.Live {
			points = "x.npy"
			testkit.Python(t, "advise_engines.py", "make", "gaussian32", "2500", filepath.Join(dir, points))
		}
		if err := os.WriteFile(filepath.Join(dir, "jobs.json"), []byte(`[{"m": 16, "k": 10, "ef": 11}, {"m": 16, "k": 10, "ef": 50}]`), 0o600); err != nil {
			t.Fatal(err)
		}
		var rows []engineRow
		answer := peers.Ask(t, testkit.Question{Name: "recall_engines", Folder: dir, Script: "advise_engines.py", Args: []string{"ask", points, "jobs.json"}})
		if err := json.Unmarshal(answer, &rows); err != nil {
			t.Fatal(err)
		}
		compareRecalls(t, filepath.Join(dir, points), rows)
	}, "hnswlib")
}

// engineRow is the output of advise_engines.py for one engine and order at one efSearch.
type engineRow struct {
	Ef     int
	Engine string
	Recall float64
}

// compareRecalls compares the recalls of graphs built here with those of the engines, k = 10.
func compareRecalls(t *testing.T, path string, rows []engineRow) {
	t.Helper()
	base, err := embedding.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := exact.AllPairs(context.Background(), base)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := m.NearestIDs(10)
	if err != nil {
		t.Fatal(err)
	}
	for engine, insertion := range map[string]Insertion{"faiss": AsFAISS115, "hnswlib": AsHNSWLib} {
		for _, ef := range []int{11, 50} {
			ours, theirs := 0.0, 0.0
			for seed := range uint64(3) {
				ours += recallOf(t, build(t, OnMatrix(m), Options{M: 16, Insertion: insertion, Seed: seed}), OnMatrix(m), truth, ef) / 3
			}
			for _, row := range rows {
				if row.Engine == engine && row.Ef == ef {
					theirs += row.Recall / 3
				}
			}
			t.Logf("%v, efSearch %d: %.4f, %s %.4f", insertion, ef, ours, engine, theirs)
			if math.Abs(ours-theirs) > .004 {
				t.Errorf("%v, efSearch %d: recall %.4f, %s %.4f", insertion, ef, ours, engine, theirs)
			}
		}
	}
}

// A graph built with AsFAISS115 equals FAISS's own graph: all levels, and all links except for a few between points whose
// distances are equal in float32. This also holds for data with duplicates and ties. M = 16, efConstruction = 200. The
// committed graphs are of the committed points; live peers also use data from advise_engines.py.
func TestGraphIsFAISSGraph(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		run := askAboutPoints(t, peers, "faiss")
		compareGraphs(t, run.base, run.dir)
		dir := testkit.WithPoints(t, testkit.Ties)
		peers.Ask(t, testkit.Question{Name: "hnsw_faiss_ties", Folder: dir, Script: "hnsw_answers.py", Args: []string{"faiss", testkit.Ties, "16", "200", "1", "", ""}, Same: true})
		base, err := embedding.Open(filepath.Join(dir, testkit.Ties))
		if err != nil {
			t.Fatal(err)
		}
		compareGraphs(t, base, dir)
	})
	if !testkit.HasPeers(t, "FAISS's graphs of Gaussian, repeated and binary vectors") {
		return
	}
	for data, n := range map[string]int{"gaussian32": 3000, "dup30": 1500, "same20": 1500, "binary24": 1500} {
		t.Run(data, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "x.npy")
			testkit.Python(t, "advise_engines.py", "make", data, strconv.Itoa(n), path)
			testkit.Python(t, "faiss_hnsw.py", path, strconv.Itoa(n), "16", "200", dir, "16", "10")
			base, err := embedding.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			compareGraphs(t, base, dir)
		})
	}
}

// compareGraphs builds FAISS's graph of base and compares it with the one in the folder.
func compareGraphs(t *testing.T, base ann.Vectors, dir string) {
	t.Helper()
	theirs, err := Load(filepath.Join(dir, "graph.hnsw"))
	if err != nil {
		t.Fatal(err)
	}
	ours := build(t, OnVectors(base), Options{M: 16, Insertion: AsFAISS115})
	if !bytes.Equal(ours.level, theirs.level) || ours.entryPoint != theirs.entryPoint {
		t.Fatalf("levels or entry points %d and %d differ", ours.entryPoint, theirs.entryPoint)
	}
	links, shared := sharedLinks(ours, theirs)
	t.Logf("%d of %d links are FAISS's", shared, links)
	if float64(shared) < .999*float64(links) {
		t.Errorf("%d of %d links are FAISS's", shared, links)
	}
}

// sharedLinks returns the number of links of a, and of those that b has too.
func sharedLinks(a, b *Graph) (links, shared int) {
	for id := range int32(a.Len()) {
		for level := range a.Level(id) + 1 {
			links += len(a.Links(id, level))
			for _, to := range a.Links(id, level) {
				if slices.Contains(b.Links(id, level), to) {
					shared++
				}
			}
		}
	}
	return links, shared
}
