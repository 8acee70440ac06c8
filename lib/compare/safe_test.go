package compare

import (
	"errors"
	"reflect"
	"testing"
)

// Safe returns the smallest sufficient efSearch, not the last one. A short answer is not sufficient. If no efSearch is
// sufficient, the row has the largest overlap.
func TestSafe(t *testing.T) {
	record := func(engine string, ef int, overlap float64) Record {
		return Record{Engine: engine, K: 100, EfSearch: ef, Overlap: overlap, BatchPerSecond: float64(1000 / ef)}
	}
	short := record("hnswlib", 50, .995)
	short.EmptyShare = .01
	refused := record("Milvus HNSW", 50, 0)
	refused.setError(errors.New("ef < k"))
	other := record("hnswlib", 10, 1)
	other.K = 10
	exact := record("FAISS Flat", 1, 1)
	exact.EfSearch = 0
	result := &Result{[]Row{{Engine: "FAISS Flat"}, {Engine: "hnswlib", Effort: "set_ef"}, {Engine: "FAISS HNSW", Effort: "efSearch"}, {Engine: "Milvus HNSW", Effort: "ef"}, {Engine: "absent"}}, []Record{
		exact, other, record("hnswlib", 200, .999), short, record("hnswlib", 100, .99), record("FAISS HNSW", 100, .8), record("FAISS HNSW", 50, .7), refused,
	}}
	got := result.Safe(100, .99)
	want := []SafeRow{
		{"hnswlib", "set_ef", 100, .99, 100, .99, 10},
		{"FAISS HNSW", "efSearch", 100, .99, 0, .8, 10},
		{"Milvus HNSW", "ef", 100, .99, 0, 0, 0},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
