package pages

import (
	"os"
	"slices"
	"testing"

	"anncapacity/lib/internal/table"
	"anncapacity/lib/storage/study"
)

// buildsStorage builds an index of the embeddings.
func buildsStorage(t *testing.T, command string) {
	writeNormal(t, "queries.npy", 500, 5)
	anncapacity(t, command)
	if _, err := os.Stat("index/index.json"); err != nil {
		t.Error(err)
	}
}

func searchesStorage(t *testing.T, command string) { anncapacity(t, command) }

// studiesStorage compares the ways at the smallest size.
func studiesStorage(t *testing.T, command string) {
	small := []string{"--profile paper", "--profile quick"}
	for i, set := range []string{"base", "learn", "query"} {
		writeNormal(t, set+".npy", 600, uint64(i+6))
		small = append(small, "sift/"+set+".bvecs", set+".npy")
	}
	anncapacity(t, command, small...)
	if _, err := os.Stat("results/storage.csv"); err != nil {
		t.Error(err)
	}
}

// studiesSplit compares the ways on the embeddings at the smallest size.
func studiesSplit(t *testing.T, command string) {
	anncapacity(t, command, "--split 9000,3394,1000", "--split 300,200,20", "--profile embeddings", "--profile quick")
	rows, err := table.ReadRows[study.Row]("results/storage.csv")
	if err != nil || !slices.ContainsFunc(rows, func(r study.Row) bool { return r.Data == "ResNet-50" && r.Base == 300 }) {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// measuresStorage measures one size of each way on the vectors of studiesStorage. Other programs take vectors of uint8 only.
func measuresStorage(t *testing.T, command string) {
	anncapacity(t, command+" -n 50 --budgets 8 --peers none", "sift/base.bvecs", "base.npy", "sift/learn.bvecs", "learn.npy", "sift/query.bvecs", "query.npy")
	if _, err := os.Stat("results/storage_disk.csv"); err != nil {
		t.Error(err)
	}
}
