package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/study"
)

const efConstruction = 200

// searchBench compares exact search, graph construction and walks on the first embeddings of a file.
type searchBench struct {
	sizes
	ctx    context.Context
	path   string
	base   ann.Vectors
	matrix *exact.Matrix
	graph  *hnsw.Graph
	truth  [][]int32
}

// prepare reads the embeddings and computes the matrix, the exact neighbours and the graph that rows need. Later calls do
// nothing.
func (b *searchBench) prepare() error {
	if b.truth != nil {
		return nil
	}
	v, err := embedding.Open(b.path)
	if err != nil {
		return err
	}
	if v.N < b.points {
		return fmt.Errorf("%s holds %d vectors; %d are needed", b.path, v.N, b.points)
	}
	b.base = ann.Vectors{N: b.points, D: v.D, Data: v.Data[:b.points*v.D]}
	if err := b.findAll(); err != nil {
		return err
	}
	if b.truth, err = b.matrix.NearestIDs(b.maxK); err != nil {
		return err
	}
	return b.build()
}

func (b *searchBench) rows() []row {
	graph, all, n, k := "HNSW build, M 32, efConstruction 200", thousands(b.points), strconv.Itoa(b.points), strconv.Itoa(b.maxK)
	flat, hnswlib, paper := b.peer("faiss_flat.py", b.path, n, k), b.hnswlibBuild(), b.peer("paper_way.py", b.path, n)
	return []row{
		{"all-pairs exact k-NN, " + all + " × 2048, k " + k + " and the query", "FAISS IndexFlatL2", b.prepare, b.ours(b.list), flat, 1.5, "distances and sorted lists"},
		{graph, "FAISS", b.prepare, b.ours(b.buildOnVectors), b.faissBuild, 1.5, "from vectors; ours: vectors rounded to 8 bits, and graph"},
		{graph, "FAISS", b.prepare, b.ours(b.build), b.faissBuild, 3, "ours: graph, from a given matrix"},
		{graph, "hnswlib", b.prepare, b.ours(b.buildOnVectors), hnswlib, 1.5, "from vectors, as above"},
		{graph, "hnswlib", b.prepare, b.ours(b.build), hnswlib, 3, "ours: graph, from a given matrix"},
		{"condition 1: 4 efSearch × 50 k × " + all + " queries", "FAISS", b.prepare, b.ours(b.answerAll), b.faissSearches, 100, "from a given graph; FAISS: 8 searches (k 100 and 500), scaled to 200"},
		{"one run of the study: 3 conditions, 14 settings × 50 k, every measure", "FAISS and NumPy", b.prepare, b.ours(b.study), paper, 60, "embeddings to records; the peer is timed at k 100 and 500 and on 1,000 queries, and scaled"},
	}
}

// ours returns a function that runs the steps in order and returns the sum of their times.
func (b *searchBench) ours(steps ...func() error) func() (time.Duration, error) {
	return func() (total time.Duration, err error) {
		runtime.GC() // the garbage of earlier steps must not count
		for _, step := range steps {
			d, err := timed(step)
			if err != nil {
				return 0, err
			}
			total += d
		}
		return total, nil
	}
}

func (b *searchBench) findAll() (err error) {
	b.matrix = nil // so that two matrices of 400 MB are never in memory
	b.matrix, err = exact.AllPairs(b.ctx, b.base)
	return err
}

func (b *searchBench) list() error {
	_, err := exact.New(b.base).SearchAll(b.ctx, b.maxK)
	return err
}

func (b *searchBench) build() error { return b.buildOn(hnsw.OnMatrix(b.matrix)) }

func (b *searchBench) buildOnVectors() error { return b.buildOn(hnsw.OnVectors(b.base)) }

func (b *searchBench) buildOn(space hnsw.Space) (err error) {
	b.graph, err = hnsw.Build(b.ctx, space, hnsw.Options{M: study.M, EfConstruction: efConstruction, Seed: study.FirstSeed})
	return err
}

// answerAll walks once for every query and counts, for every (k, efSearch), the exact neighbours in the result.
func (b *searchBench) answerAll() error {
	return parallel.Each(b.ctx, b.points, func() (func(q int) error, error) {
		w, err := hnsw.NewWalker(b.graph, hnsw.OnMatrix(b.matrix))
		efforts := make([]int32, b.maxK)
		return func(q int) error { return b.answer(w, q, efforts) }, err
	})
}

func (b *searchBench) answer(w *hnsw.Walker, q int, efforts []int32) error {
	walk, err := w.Walk(ann.PointID(int32(q)), 100)
	if err != nil {
		return err
	}
	walk.Efforts(b.truth[q], efforts)
	shared := 0
	for _, ef := range study.Conditions[0].Values {
		from := 0
		for _, k := range study.Ks() {
			shared += fidelity.Reached(efforts[from:k], int(ef))
			from = k
		}
		shared += walk.Capacity(int(ef))
	}
	return nil
}

// study executes one run of the paper's three conditions, from the file of embeddings to the file of records.
func (b *searchBench) study() error {
	b.matrix = nil
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	defer memory.CollectEarly()()
	_, err = study.Run(b.ctx, study.Options{Embeddings: b.path, Out: dir, Runs: 1, Subset: b.points, Conditions: []string{"1", "2", "3"}})
	return err
}

// peer returns a function that runs a script and returns the time that the script prints, in seconds.
func (b *searchBench) peer(script string, args ...string) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		out, err := python(b.ctx, script, args...)
		if err != nil {
			return 0, err
		}
		seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		return time.Duration(seconds * float64(time.Second)), err
	}
}

func (b *searchBench) hnswlibBuild() func() (time.Duration, error) {
	return b.peer("hnswlib_build.py", b.path, strconv.Itoa(b.points), strconv.Itoa(study.M), strconv.Itoa(efConstruction), strconv.Itoa(runtime.NumCPU()))
}

func (b *searchBench) faissBuild() (time.Duration, error) {
	times, err := b.faiss("25", "10")
	return time.Duration(times["build"] * float64(time.Second)), err
}

// faissSearches returns the time of 8 searches (4 values of efSearch, k 100 and 500), scaled to the 200 of condition 1.
func (b *searchBench) faissSearches() (time.Duration, error) {
	times, err := b.faiss("25,50,75,100", "100,500")
	sum := 0.0
	for name, seconds := range times {
		if name != "build" {
			sum += seconds
		}
	}
	return time.Duration(sum * 200 / 8 * float64(time.Second)), err
}

func (b *searchBench) faiss(efs, ks string) (times map[string]float64, err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out, err := python(b.ctx, "faiss_hnsw.py", b.path, strconv.Itoa(b.points), strconv.Itoa(study.M), strconv.Itoa(efConstruction), dir, efs, ks)
	if err != nil {
		return nil, err
	}
	return times, json.Unmarshal(out, &times)
}

// python runs a script of environment/peers in the peers' Python environment and returns its output.
func python(ctx context.Context, script string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(".local", "peers", "bin", "python"), append([]string{filepath.Join("environment", "peers", script)}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd.Output()
}
