package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/storage/partition"
)

// Parameters of the vectors of k-means: whole numbers 0 … 255, like SIFT's, around random centres.
const (
	kmeansSeed       = 1
	kmeansDimensions = 128
	kmeansCentres    = 4000
	kmeansSpread     = 30 // standard deviation around a centre; that of the centres is the same
	kmeansIterations = 10
)

// kmeansBench compares k-means with FAISS's, which both train on all vectors and then assign them.
type kmeansBench struct {
	sizes
	ctx     context.Context
	dir     string // holds the vectors for FAISS; "" until prepared
	base    ann.Coordinates
	inertia float64 // of the project's last run
}

func (b *kmeansBench) rows() []row {
	size := fmt.Sprintf("%s × %d", thousands(b.vectors), kmeansDimensions)
	what := fmt.Sprintf("k-means, %s, %d clusters, %d iterations", size, b.clusters, kmeansIterations)
	counted := "training on all vectors and their assignment; our inertia is at most 1 % above"
	return []row{{what, "FAISS Kmeans", b.prepare, b.ours, b.theirs, 1, counted}}
}

func (b *kmeansBench) path() string { return filepath.Join(b.dir, "vectors.npy") }

// prepare makes the vectors and writes them for FAISS.
func (b *kmeansBench) prepare() (err error) {
	b.base = kmeansVectors(b.vectors)
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	return embedding.Write(b.path(), b.base.Vectors(), make([]embedding.Row, b.vectors))
}

// remove deletes the vectors of FAISS.
func (b *kmeansBench) remove() {
	if b.dir != "" {
		os.RemoveAll(b.dir)
	}
}

// kmeansVectors returns n vectors. Row i depends only on i and the seed.
func kmeansVectors(n int) ann.Coordinates {
	centres := normal(rand.New(rand.NewPCG(kmeansSeed, 0)), kmeansCentres*kmeansDimensions)
	c := ann.Coordinates{N: n, D: kmeansDimensions, Bytes: make([]uint8, n*kmeansDimensions)}
	parallel.For(n, func(i int) {
		rng := rand.New(rand.NewPCG(kmeansSeed, uint64(i)+1))
		centre := centres[rng.IntN(kmeansCentres)*kmeansDimensions:]
		for j := range kmeansDimensions {
			c.Bytes[i*kmeansDimensions+j] = uint8(max(0, min(255, 128+kmeansSpread*(centre[j]+float32(rng.NormFloat64())))))
		}
	})
	return c
}

func (b *kmeansBench) ours() (time.Duration, error) {
	return timed(func() error {
		r, err := partition.KMeans(b.ctx, b.base, partition.Options{Clusters: b.clusters, Seed: kmeansSeed, Iterations: kmeansIterations})
		b.inertia = r.Inertia
		return err
	})
}

// theirs runs FAISS on all vectors. It is an error if the inertia of the project's run is more than 1 % above that of FAISS.
func (b *kmeansBench) theirs() (time.Duration, error) {
	out, err := python(b.ctx, "faiss_kmeans.py", b.path(), strconv.Itoa(b.vectors), strconv.Itoa(b.clusters),
		strconv.Itoa(kmeansIterations), "0", strconv.Itoa(kmeansSeed))
	if err != nil {
		return 0, err
	}
	var answer struct{ Seconds, Inertia float64 }
	if err := json.Unmarshal(out, &answer); err != nil {
		return 0, err
	}
	if b.inertia > 1.01*answer.Inertia {
		return 0, fmt.Errorf("inertia %.5g, FAISS %.5g", b.inertia, answer.Inertia)
	}
	return time.Duration(answer.Seconds * float64(time.Second)), nil
}
