package claims

import (
	"strings"
	"testing"

	"anncapacity/lib/storage/stop"
	storage "anncapacity/lib/storage/study"
)

// embedded returns rows of clusters of other data, and of a sketch with 4 bytes that fetches 1,000 vectors, or 2,000 with a fixed number
// of units, of 12 kB each.
func embedded() []storage.Row {
	rows := clusters(100, storage.OtherPhotographs)
	for i := range rows {
		rows[i].Data, rows[i].Bytes, rows[i].Reads = "long", 8000*rows[i].Vectors, 2
	}
	for seed := range uint64(2) {
		for _, recall := range []float64{.9, .95} {
			r := storage.Row{Data: "long", Way: "sketch", Seed: seed, Base: 100, Budget: 4, Memory: 4, Units: 100, Test: storage.OtherPhotographs,
				Rule: stop.Bound.Key, K: 1, Recall: recall, Vectors: 900 + 200*float64(seed), Bytes: 12e6, Reads: 10, Copies: 1}
			rows = append(rows, r)
			r.Rule, r.Vectors = stop.Fixed.Key, 2000
			rows = append(rows, r)
		}
	}
	return rows
}

// A way has a row for each memory, with the rule that fetches the fewest vectors.
func TestStorageCosts(t *testing.T) {
	rows := append(clusters(10_000, storage.OtherPhotographs), embedded()...)
	costs := StorageCosts(rows, "long")
	if len(costs) != 7 || costs[0].Memory != 1 || costs[1].Memory != 4 || costs[2].Way != storage.KMeans || costs[3].Way != storage.Closure {
		t.Fatalf("%+v", costs)
	}
	want := StorageCost{Way: "sketch", Rule: stop.Bound.Key, Memory: 4, Copies: 1, Seeds: 2, At90: 1000, At95: 1000, Kilobytes: 12_000, Reads: 10}
	if costs[6] != want {
		t.Errorf("%+v, want %+v", costs[6], want)
	}
	if len(StorageCosts(rows, "none")) != 0 || len(StorageSentences(rows, "none")) != 0 {
		t.Error("costs of data without rows")
	}
}

// K-means fetches 5,000 vectors with 4 bytes, the closure 4,500.
func TestStorageSentences(t *testing.T) {
	said := StorageSentences(embedded(), "long")
	want := []string{
		"pages by a sketch: with 4.0 bytes of memory for each vector a query fetches 1000.0 vectors at recall@1 = 0.90, " +
			"-80 % against k-means (5000) and -78 % against SPANN's closure (4500) with as much memory.",
		"Kilobytes read for a vector that is fetched, with the least memory of each way: k-means 8.0, SPANN's closure 8.0, pages by a sketch 12.0.",
	}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", said)
	}
}
