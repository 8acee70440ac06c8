package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/growth"
)

// Targets and k of exact search of queries that are not points.
const (
	exactK      = 100
	exactTarget = 1.3
)

// exactBench compares exact search of queries with FAISS's flat index.
type exactBench struct {
	sizes
	ctx           context.Context
	dir           string // holds the vectors for FAISS; "" until prepared
	base, queries ann.Vectors
}

func (b *exactBench) rows() []row {
	what := fmt.Sprintf("exact k-NN, %s queries, %s × 128, k %d", thousands(b.exactQueries), thousands(b.exactPoints), exactK)
	return []row{{what, "FAISS IndexFlatL2", b.prepare, b.ours, b.theirs, exactTarget, "distances and sorted lists"}}
}

// prepare makes the vectors and writes them for FAISS.
func (b *exactBench) prepare() (err error) {
	if b.base, b.queries, err = growth.Vectors(growth.Clustered, b.exactPoints, b.exactQueries, ""); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	if err := embedding.Write(b.path("base"), b.base, make([]embedding.Row, b.base.N)); err != nil {
		return err
	}
	return embedding.Write(b.path("queries"), b.queries, make([]embedding.Row, b.queries.N))
}

func (b *exactBench) path(name string) string { return filepath.Join(b.dir, name+".npy") }

// remove deletes the vectors of FAISS.
func (b *exactBench) remove() {
	if b.dir != "" {
		os.RemoveAll(b.dir)
	}
}

func (b *exactBench) ours() (time.Duration, error) {
	return timed(func() error {
		_, err := exact.New(b.base).SearchBatch(b.ctx, b.queries, exactK)
		return err
	})
}

func (b *exactBench) theirs() (time.Duration, error) {
	out, err := python(b.ctx, "faiss_queries.py", b.path("base"), b.path("queries"), strconv.Itoa(exactK))
	if err != nil {
		return 0, err
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return time.Duration(seconds * float64(time.Second)), err
}
