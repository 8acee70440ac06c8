package sharding

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/sbinet/npyio"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/testkit"
)

// Shards of FAISS: 3,000 clustered points of dimension 16, M 16, efConstruction 40, efSearch 25 a shard, 100 queries. The merged answers
// have the overlap of the walks within .03, at k below and far above efSearch, for 1 and 6 shards dealt at random and for 6 cells. FAISS
// also counts the distances above level 0, up to a third of the others.
func TestShardsAreThoseOfFAISS(t *testing.T) {
	if !testkit.HasPeers(t, "shards of FAISS") {
		return
	}
	v := clustered(3000, 16, 5)
	points := filepath.Join(t.TempDir(), "points.npy")
	if err := embedding.Write(points, v, make([]embedding.Row, v.N)); err != nil {
		t.Fatal(err)
	}
	cells, err := Split(context.Background(), v, 6, Cell, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, layout := range []struct {
		by     Deal
		shards int
	}{{Random, 1}, {Random, 6}, {Cell, 6}} {
		args := []string{points, "100", "16", "40", "25", "20,200", strconv.Itoa(layout.shards)}
		if layout.by == Cell {
			args = append(args, writeHomes(t, homes(v, cells)))
		}
		var faiss []struct {
			K         int     `json:"k"`
			Overlap   float64 `json:"overlap"`
			Distances float64 `json:"distances"`
		}
		if err := json.Unmarshal(testkit.Python(t, "faiss_shards.py", args...), &faiss); err != nil || len(faiss) != 2 {
			t.Fatal(faiss, err)
		}
		for _, f := range faiss {
			overlap, distances := walked(t, v, layout.by, layout.shards, f.K)
			t.Logf("%d shards, %s, k %d: FAISS %.3f and %.0f distances, walks %.3f and %.0f", layout.shards, layout.by, f.K, f.Overlap, f.Distances, overlap, distances)
			if math.Abs(f.Overlap-overlap) > .03 || f.Distances < distances || f.Distances > 1.34*distances {
				t.Errorf("%d shards, %s, k %d: FAISS %.3f and %.0f distances, walks %.3f and %.0f", layout.shards, layout.by, f.K, f.Overlap, f.Distances, overlap, distances)
			}
		}
	}
}

// walked returns the mean overlap and number of distances of the walks for the queries of faiss_shards.py at efSearch 25.
func walked(t *testing.T, v ann.Vectors, by Deal, shards, k int) (overlap, distances float64) {
	t.Helper()
	split, err := Split(context.Background(), v, shards, by, 1)
	if err != nil {
		t.Fatal(err)
	}
	x, err := Build(context.Background(), v, ann.Euclidean, split, hnsw.Options{M: 16, EfConstruction: 40, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSearcher(x)
	if err != nil {
		t.Fatal(err)
	}
	const queries = 100
	for q := range queries {
		id := int32(q * (v.N / queries))
		if err := s.Walk(v.Row(int(id)), id, truthOf(v, v.Row(int(id)), id, k), 25); err != nil {
			t.Fatal(err)
		}
		c := s.Counts(hnsw.Pad, k, 25)
		overlap += float64(c.Shared) / float64(k*queries)
		distances += float64(c.Distances) / queries
	}
	return overlap, distances
}

func writeHomes(t *testing.T, home []int32) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "home.npy")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := npyio.Write(f, home); err != nil {
		t.Fatal(err)
	}
	return path
}
