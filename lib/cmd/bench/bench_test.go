package main

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/growth"
	"anncapacity/lib/internal/testkit"

	"gonum.org/v1/gonum/stat"
)

func seconds(values ...float64) (times []time.Duration) {
	for _, s := range values {
		times = append(times, time.Duration(s*float64(time.Second)))
	}
	return times
}

// example is a page with a row whose ratio reaches its target and one whose ratio does not.
var example = page{
	Date: "2026-01-02", Machine: machine{"A processor", 2, 25.31, "0.05"}, Project: "commit abc", Peers: []string{"FAISS 1", "NumPy 2"},
	Embeddings: "synthetic", Rounds: 3, Runs: 3, Points: "10,000", Memory: &memoryUse{12.34, 1.345},
	Rows: []timing{
		{row{task: "exact", peer: "FAISS", target: 1.5, counted: "lists"}, seconds(2, 1, 4), seconds(5, 3, 4)},
		{row{task: "graph", peer: "hnswlib", target: 3, counted: "all"}, seconds(1, 2), seconds(3, 4.5)},
	},
}

// The page has each row with medians and spread, marks a ratio below its target, and names versions, data and machine.
func TestPage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "docs", "speeds.md")
	if err := example.write(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\n| task | ours, s | peer | peer, s | ratio | target | counted |\n|---|---|---|---|---|---|---|\n" +
			"| exact | 2.00 (1.00–4.00) | FAISS | 4.00 (3.00–5.00) | 2.00× | 1.5× | lists |\n" +
			"| graph | 1.50 (1.00–2.00) | hnswlib | 3.75 (3.00–4.50) | 2.50×, **below target** | 3.0× | all |\n\n",
		"\nThe study's condition 1, embeddings to records (3 × 10,000 points): 12.3 s, at most 1.34 GB of memory.\n\n",
		"\n| date | 2026-01-02 |\n| machine | A processor, 2 cores, 25.3 GB; load 0.05 in the minute before |\n| project | commit abc |\n" +
			"| peers | FAISS 1, NumPy 2 |\n| embeddings | synthetic |\n\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "small sizes") || strings.Contains(string(text), "Only the rows") || example.Missed() != 1 {
		t.Errorf("%d ratios missed:\n%s", example.Missed(), text)
	}
}

// The page of a small or partial run says so.
func TestPartialPage(t *testing.T) {
	p := example
	p.Quick, p.Only, p.Memory = true, "exact", nil
	path := filepath.Join(t.TempDir(), "speeds.md")
	if err := p.write(path); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	for _, want := range []string{"**This page is a test of the program at small sizes. Its times are not meaningful.**", "Only the rows that match `exact` were timed."} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "of memory.") {
		t.Errorf("the page contains the memory, which was not determined:\n%s", text)
	}
}

// TestQuickRun times a row of each fast peer at small sizes, from the synthetic embeddings to the page.
func TestQuickRun(t *testing.T) {
	if !testkit.HasPeers(t, "a quick run with the peers", "hnswlib") {
		return
	}
	root, out := testkit.Root(t), filepath.Join(t.TempDir(), "speeds.md")
	t.Chdir(root)
	o := options{out: out, rounds: 1, only: regexp.MustCompile("^all-pairs|^exact|^HNSW|^k-means"), sizes: quickSizes}
	if err := run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]int{`(?m)^\| all-pairs exact k-NN, 600 × 2048, .*FAISS IndexFlatL2`: 1, `(?m)^\| HNSW build.*\| FAISS \|`: 2, `(?m)^\| HNSW build.*\| hnswlib \|`: 2,
		`(?m)^\| exact k-NN, 100 queries, 3,000 × 128, k 100 .*\| FAISS IndexFlatL2 \|`: 1,
		`(?m)^\| k-means, 3,000 × 128, 20 clusters, .*\| FAISS Kmeans \|`:               1,
		`peers \| ONNX Runtime \d.*FAISS \d.*hnswlib \d.*NumPy \d`:                      1, `embeddings \| synthetic: 600 × 2048`: 1} {
		if got := len(regexp.MustCompile(what).FindAll(text, -1)); got != want {
			t.Errorf("%d of %s, want %d:\n%s", got, what, want, text)
		}
	}
}

// A table of a set has the medians of each engine, and its comparisons name the best peer and mark what misses its target.
func TestSetTable(t *testing.T) {
	record := func(engine string, build, single float64) growth.Record {
		return growth.Record{Set: growth.Clustered, Engine: engine, Points: 1000000, Dimensions: 128, Queries: 1000, Build: build, Memory: 700, Held: 600,
			Overlap50: .9, Overlap200: .99, Single50: single, Single200: single / 2, Batch50: single, Batch200: single, Exact: 50}
	}
	records := []growth.Record{record(growth.Own, 9, 300), record("FAISS", 20, 200), record("hnswlib", 14, 100),
		record(growth.Own, 10, 500), record("FAISS", 30, 200), record("hnswlib", 15, 400), record(growth.Own, 12, 400), record("FAISS", 40, 200), record("hnswlib", 16, 300)}
	for i := range records {
		if records[i].Engine == growth.Own {
			records[i].Walk50, records[i].Walk200 = 300, 100
		}
	}
	s := setTable{About: "made", Rounds: 3, medians: medians(records)}
	if want := "HNSW on 1,000,000 × 128 (clustered)"; s.Title() != want {
		t.Errorf("%q, want %q", s.Title(), want)
	}
	for _, want := range []string{"| anncapacity | 10.00 | 600.0 · 700.0 | 0.900 · 0.990 | 400 · 200 | 400 · 400 | 300 · 100 | 50 |\n", "| hnswlib | 15.00 | 600.0 · 700.0 | 0.900 · 0.990 | 300 · 150 |"} {
		if !strings.Contains(s.Table(), want) {
			t.Errorf("the table lacks %q:\n%s", want, s.Table())
		}
	}
	var said []string
	for _, c := range s.Comparisons() {
		said = append(said, c.String())
	}
	for _, want := range []string{"speed of the construction, relative to hnswlib: 1.50× (target: at least 1.5×)", "queries/s one at a time at efSearch 50, relative to hnswlib: 1.33× (target: at least 1.0×)",
		"exact queries/s, relative to FAISS: 1.00× (target: at least 1.3×), **target missed**", "time of a walk, relative to a search, at efSearch 200: 2.00× (target: at most 1.5×), **target missed**"} {
		if !slices.Contains(said, want) {
			t.Errorf("%q is not said in %q", want, said)
		}
	}
	if s.missed() != 3 { // exact of FAISS and of hnswlib, walk
		t.Errorf("%d targets missed", s.missed())
	}
	p := example
	p.Sets = []setTable{s}
	path := filepath.Join(t.TempDir(), "speeds.md")
	if err := p.write(path); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	for _, want := range []string{"\n## HNSW on 1,000,000 × 128 (clustered)\n\nmade. M ", "1,000 queries that are not points; medians of 3 rounds", "\n* speed of the construction"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
}

// An -embeddings file with too few vectors is an error, and no page is written.
func TestTooFewVectors(t *testing.T) {
	dir := t.TempDir()
	path, out := filepath.Join(dir, "e.npy"), filepath.Join(dir, "speeds.md")
	if err := embedding.Write(path, ann.Vectors{N: 2, D: 2, Data: make([]float32, 4)}, make([]embedding.Row, 2)); err != nil {
		t.Fatal(err)
	}
	b := searchBench{ctx: context.Background(), sizes: quickSizes, path: path}
	p := example
	if err := p.time(context.Background(), options{out: out, rounds: 1, only: regexp.MustCompile("^all-pairs")}, &b); err == nil || !strings.Contains(err.Error(), "holds 2 vectors; 600 are needed") {
		t.Error(err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a page was written")
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		times []time.Duration
		want  float64
	}{{seconds(3), 3}, {seconds(4, 1), 2.5}, {seconds(9, 1, 2), 2}, {seconds(8, 1, 4, 2), 3}} {
		before := slices.Clone(c.times)
		if got := median(c.times); got != c.want || !slices.Equal(before, c.times) {
			t.Errorf("median of %v is %v, want %v", before, got, c.want)
		}
	}
}

// TestSynthetic checks 2,000 × 2048 values, seed 1: they do not depend on the number of rows or processors, a fifth is zero and
// none is negative, neighbours are often of the same class, and the local intrinsic dimension is that of a network's embeddings.
func TestSynthetic(t *testing.T) {
	v := synthetic(2000)
	t.Run("same on one processor", func(t *testing.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		if few := synthetic(20); !slices.Equal(few.Data, v.Data[:len(few.Data)]) {
			t.Error("the first 20 rows depend on the number of rows or processors")
		}
	})
	zero := 0
	for _, x := range v.Data {
		if x < 0 {
			t.Fatalf("negative value %v", x)
		}
		if x == 0 {
			zero++
		}
	}
	if share := float64(zero) / float64(len(v.Data)); share < .15 || share > .3 {
		t.Errorf("the share of zeros is %.3f", share)
	}
	lists, err := exact.New(v).SearchAll(context.Background(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var lids []float64
	same := 0
	for i, list := range lists {
		lids = append(lids, intrinsicDimension(list))
		if int(list[0].ID)%classes == i%classes {
			same++
		}
	}
	if lid := stat.Mean(lids, nil); !(lid > 13 && lid < 25) {
		t.Errorf("local intrinsic dimension %.1f", lid)
	}
	if share := float64(same) / float64(v.N); share < .2 {
		t.Errorf("the nearest neighbour has the same class for a share of %.2f of the queries", share)
	}
}

// intrinsicDimension returns the maximum-likelihood estimate from the distances of a list.
func intrinsicDimension(list ann.Neighbors) float64 {
	sum, last := 0.0, float64(list[len(list)-1].Distance)
	for _, n := range list[:len(list)-1] {
		sum += math.Log(last / float64(n.Distance))
	}
	return float64(len(list)-1) / sum
}
