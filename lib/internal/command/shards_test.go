package command

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/sharding"
)

func TestAdviseOnShards(t *testing.T) {
	path := sampleFile(t)
	args := []string{"--embeddings", path, "--shards", "3", "--k", "20,5", "--recall", "0.9", "--m", "8", "--ef-construction", "40", "--builds", "1"}
	text, err := output(t, args...)
	if err != nil || !strings.Contains(text, "mine.npy: 300 vectors of 8 dimensions, l2, in 3 shards at random (100 to 100 vectors); wanted: recall 0.9\n\nk = 5: set efSearch = ") {
		t.Errorf("%v\n%s", err, text)
	}
	text, err = output(t, append(args, "--shard-by", "cell", "--metric", "cosine", "--sample", "100", "--json")...)
	var a sharding.Advice
	if err != nil || json.Unmarshal([]byte(text), &a) != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if a.By != sharding.Cell || a.Metric != "cosine" || len(a.ByK) != 2 || a.ByK[1].K != 20 || a.ByK[1].EfSearch == 0 || a.CalibratedOn != 75 {
		t.Errorf("%+v", a)
	}
}

func TestConditionOfShardsRefuses(t *testing.T) {
	path, out := sampleFile(t), t.TempDir()
	for says, args := range map[string][]string{
		"-index: not to be used with -condition 4": {"--index", "hnsw"},
		"a subset of 10000 is too large":           {},
		"-runs 0: must be at least 1":              {"--runs", "0"},
	} {
		args = append([]string{"--embeddings", path, "--out", out, "--condition", sharding.Condition}, args...)
		if err := studyCommand(context.Background(), args, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
	if files, err := filepath.Glob(filepath.Join(out, "*.csv")); err != nil || len(files) > 0 {
		t.Errorf("%v was written (%v)", files, err)
	}
}
