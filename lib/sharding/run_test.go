package sharding

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/testkit"
)

// written writes vectors to a file and returns its path.
func written(t *testing.T, v ann.Vectors) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "v.npy")
	if err := embedding.Write(path, v, make([]embedding.Row, v.N)); err != nil {
		t.Fatal(err)
	}
	return path
}

// A run that was stored is not computed again, and its bytes do not change. 600 points of dimension 8, 20 queries, efSearch 25 a shard:
// the overlap at k = 500 rises with the number of shards dealt at random, and the prediction is within .1 of it.
func TestRun(t *testing.T) {
	o := Options{Embeddings: written(t, clustered(620, 8, 6)), Out: t.TempDir(), Runs: 2, Subset: 600, Queries: 20}
	rows, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(filepath.Join(o.Out, File))
	if err != nil || len(rows) != 2*len(layouts())*len(settings())*50 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	stored, err := filepath.Glob(filepath.Join(o.Out, "parts", "sharding", "*.csv"))
	if err != nil || len(stored) != 2 || os.Remove(stored[1]) != nil {
		t.Fatalf("%v, %v", stored, err)
	}
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(filepath.Join(o.Out, File)); err != nil || !bytes.Equal(again, first) {
		t.Errorf("other bytes after an interruption (%v)", err)
	}
	last := 0.
	for _, r := range rows {
		if r.Run > 0 || r.Fixed != string(PerShard) || r.Value != 25 || r.K != 500 || r.Deal != string(Random) {
			continue
		}
		t.Logf("%d shards: %.3f, predicted %.3f, %.0f distances, predicted %.0f", r.Shards, r.Overlap, r.PredictedOverlap, r.Visited, r.PredictedVisited)
		if r.Overlap < last || math.Abs(r.Overlap-r.PredictedOverlap) > .1 {
			t.Errorf("%+v", r)
		}
		last = r.Overlap
	}
	if last < .98 {
		t.Errorf("32 shards: overlap %v", last)
	}
}

func TestRunRefuses(t *testing.T) {
	path := written(t, clustered(620, 4, 7))
	for says, o := range map[string]Options{
		"a subset of 700 is too large for 620": {Subset: 700},
		"a subset of 400 is too small":         {Subset: 400, Queries: 10},
		"600 queries of 550 points":            {Subset: 550, Queries: 600},
		"metric ip":                            {Subset: 550, Metric: ann.InnerProduct},
	} {
		o.Embeddings, o.Out = path, t.TempDir()
		_, err := Run(context.Background(), o)
		testkit.WantMentions(t, says, err, path)
		if err == nil || !strings.Contains(err.Error(), strings.Split(says, " ip")[0]) {
			t.Errorf("%v, want %s", err, says)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Options{Embeddings: path, Out: t.TempDir(), Subset: 550, Runs: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// The efSearch that is advised gives the recall on every build, and less does not on one of them. 1,500 points, 200 queries.
func TestAdvise(t *testing.T) {
	for _, by := range Deals {
		o := AdviceOptions{
			Name: "points", Base: clustered(1500, 8, 8), K: []int{10, 100}, Recall: .95, Shards: 4, By: by, M: 8, EfConstruction: 40, Sample: 200, Seed: 1,
		}
		a, err := Advise(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range a.ByK {
			if n.EfSearch < 1 || n.Bound < .95 || n.Verified < .93 || n.Predicted < 1 || n.OneGraph.EfSearch < n.EfSearch || n.Distances <= 0 {
				t.Errorf("%s: %+v", by, n)
			}
			if math.Abs(n.Policies[0].Recall-n.Verified) > .05 || n.Policies[1].Fill != 1 {
				t.Errorf("%s: %+v", by, n.Policies)
			}
		}
		t.Log(a)
		if text := a.String(); !strings.Contains(text, "on every shard") || a.Smallest < 100 || a.Largest < a.Smallest {
			t.Errorf("%+v\n%s", a, text)
		}
	}
}

// Queries that are no points are asked as vectors, with the truth that was given.
func TestAdviseOnOwnQueries(t *testing.T) {
	base, queries := clustered(800, 8, 9), clustered(40, 8, 10)
	o := AdviceOptions{Name: "points", Base: base, Queries: queries, K: []int{20}, Recall: .5, Shards: 3, By: Random, M: 8, EfConstruction: 40, Seed: 1}
	computed, err := Advise(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	for q := range queries.N {
		o.Truth = append(o.Truth, truthOf(base, queries.Row(q), -1, 20))
	}
	given, err := Advise(context.Background(), o)
	if err != nil || given.ByK[0].EfSearch != computed.ByK[0].EfSearch || !given.OwnQueries || given.ByK[0].EfSearch == 0 {
		t.Errorf("%+v and %+v (%v)", given, computed, err)
	}
	for says, change := range map[string]func(*AdviceOptions){
		"-k [801]":        func(o *AdviceOptions) { o.K = []int{801} },
		"recall = 2":      func(o *AdviceOptions) { o.Recall = 2 },
		"901 shards":      func(o *AdviceOptions) { o.Shards = 901 },
		"sample = 41":     func(o *AdviceOptions) { o.Sample = 41 },
		"no cells":        func(o *AdviceOptions) { o.By, o.Metric = Cell, ann.InnerProduct },
		"shard-by \"id\"": func(o *AdviceOptions) { o.By = "id" },
	} {
		bad := o
		change(&bad)
		if _, err := Advise(context.Background(), bad); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
}

// A table with partitions returns about what shards that truncate return: 1,200 points of dimension 8, efSearch 20, k up to 200.
func TestPartitions(t *testing.T) {
	v := clustered(1240, 8, 11)
	o := EngineOptions{
		Base: ann.Vectors{N: 1200, D: 8, Data: v.Data[:9600]}, Queries: ann.Vectors{N: 40, D: 8, Data: v.Data[9600:]},
		K: []int{10, 50, 200}, Shards: []int{1, 4}, EfSearch: 20, M: 16, Efc: 64, Seed: 1,
	}
	rows, missing, err := CompareEngine(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if missing != "" {
		t.Log("not checked: partitions of PostgreSQL:", missing)
		return
	}
	of := map[EngineRow]EngineRow{}
	for _, r := range rows {
		of[EngineRow{Engine: r.Engine, Deal: r.Deal, Shards: r.Shards, K: r.K}] = r
	}
	if len(of) != 18 {
		t.Fatalf("%d rows", len(of))
	}
	for _, r := range rows {
		if r.Engine == Walks {
			continue
		}
		walks := of[EngineRow{Engine: Walks, Deal: r.Deal, Shards: r.Shards, K: r.K}]
		if math.Abs(r.Overlap-walks.Overlap) > .03 || math.Abs(r.Fill-walks.Fill) > .01 {
			t.Errorf("%+v\nwalks %+v", r, walks)
		}
		if most := float64(r.Shards*20) / float64(r.K); r.Fill > most+1e-9 {
			t.Errorf("%d shards return %.3f of k = %d", r.Shards, r.Fill, r.K)
		}
	}
}
