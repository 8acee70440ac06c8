package storage

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/postings"
)

// clustered returns n vectors of d numbers near one of 30 random points: uint8, or float32 if floats is true. Vectors of one
// centers are near the same points whatever their seed.
func clustered(n, d int, floats bool, seed uint64) ann.Coordinates {
	centers := rand.New(rand.NewPCG(9, uint64(d)))
	points := make([]float64, 30*d)
	for i := range points {
		points[i] = 60 + 130*centers.Float64()
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	c := ann.Coordinates{N: n, D: d}
	for range n {
		p := rng.IntN(30)
		for j := range d {
			x := max(0, min(255, points[p*d+j]+12*rng.NormFloat64()))
			if floats {
				c.Floats = append(c.Floats, float32(x/100))
			} else {
				c.Bytes = append(c.Bytes, uint8(x))
			}
		}
	}
	return c
}

const dimensions = 16

// options returns the options of a small index by k-means: 2,000 vectors, 500 learn queries.
func options(t testing.TB, floats bool) Options {
	t.Helper()
	return Options{
		Base: clustered(2000, dimensions, floats, 1), Learn: clustered(500, dimensions, floats, 2),
		Out: filepath.Join(t.TempDir(), "index"), Way: "kmeans", Clusters: 40, Epochs: 2, Seed: 7, Ks: []int{1, 10},
	}
}

// built builds an index and returns its description.
func built(t testing.TB, o Options) *Description {
	t.Helper()
	d, err := Build(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// opened opens an index for the time of the test.
func opened(t testing.TB, folder string) *Index {
	t.Helper()
	x, err := Open(folder, postings.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

// found searches for all queries.
func found(t testing.TB, x *Index, queries ann.Coordinates, k int, recall float64) *Found {
	t.Helper()
	f, err := x.SearchAll(context.Background(), queries, SearchOptions{K: k, Recall: recall})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// neighbor is a base vector and its squared distance to a query.
type neighbor struct {
	squared float64
	id      int32
}

// sorted returns all base vectors by their distance to query q, ties by ID.
func sorted(base, queries ann.Coordinates, q int) []neighbor {
	a, b := make([]float32, base.D), make([]float32, base.D)
	query := queries.Row(q, a)
	all := make([]neighbor, base.N)
	for id := range all {
		all[id].id = int32(id)
		for j, x := range base.Row(id, b) {
			d := float64(x) - float64(query[j])
			all[id].squared += d * d
		}
	}
	slices.SortFunc(all, func(a, b neighbor) int { return cmp.Or(cmp.Compare(a.squared, b.squared), cmp.Compare(a.id, b.id)) })
	return all
}

// recallOf returns the mean share of the k nearest that were found, ties of the k-th included.
func recallOf(base, queries ann.Coordinates, ids [][]int32, k int) (recall float64) {
	for q, list := range ids {
		all := sorted(base, queries, q)
		near := map[int32]bool{}
		for i := 0; i < base.N && all[i].squared <= all[k-1].squared; i++ {
			near[all[i].id] = true
		}
		for _, id := range list[:k] {
			if near[id] {
				recall += 1 / float64(k) / float64(len(ids))
			}
		}
	}
	return recall
}

// files returns the contents of the files below a folder by their paths.
func files(t testing.TB, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all[path[len(folder)+1:]] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// wantFiles reports a test failure unless the folder has exactly these files.
func wantFiles(t testing.TB, what, folder string, want map[string]string) {
	t.Helper()
	got := files(t, folder)
	if names := slices.Sorted(maps.Keys(got)); !maps.Equal(got, want) {
		t.Errorf("%s: the folder holds %v, want %v with other bytes or other files", what, names, slices.Sorted(maps.Keys(want)))
	}
}
