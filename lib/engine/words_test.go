package engine

import (
	"regexp"
	"strings"
	"testing"
)

func TestWordsAreComplete(t *testing.T) {
	seen, key := map[string]bool{}, regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, w := range Worded() {
		if seen[w.Key] || !key.MatchString(w.Key) || w.Name == "" || w.Policy == "" || w.Documented == "" || w.Effort == "" {
			t.Errorf("incomplete, or there are two: %+v", w)
		}
		seen[w.Key] = true
		if s := w.Statement(321, 7); !strings.Contains(s, "321") && !strings.Contains(s, "314") || strings.Contains(s, "{ef}") {
			t.Errorf("%s: %s", w.Key, s)
		}
		for _, note := range w.Notes {
			if !strings.HasSuffix(note, ".") {
				t.Errorf("%s: not a sentence: %s", w.Key, note)
			}
		}
		if got, err := WordsFor(strings.ToUpper(w.Key)); err != nil || got.Key != w.Key {
			t.Errorf("%s: %+v, %v", w.Key, got, err)
		}
	}
	if _, err := WordsFor("annoy"); err == nil || !strings.Contains(err.Error(), "faiss, hnswlib, usearch") {
		t.Error(err)
	}
}

func TestValueDependsOnThePolicy(t *testing.T) {
	for _, c := range []struct {
		words           Words
		effort, k, want int
		fails           string
	}{
		{FAISS, 20, 50, 20, ""}, {HNSWLib, 20, 50, 20, ""}, {PGVector, 20, 50, 50, ""}, {PGVector, 80, 50, 80, ""}, {PGVector, 1000, 10, 1000, ""},
		{PGVector, 1001, 10, 0, "at most 1000"}, {PGVector, 20, 1001, 0, "1001 is needed"}, {PGVectorIterative, 20, 1500, 20, ""},
		{Milvus, 20, 50, 50, ""}, {Elasticsearch, 9, 10, 10, ""}, {Elasticsearch, 10001, 10, 0, "at most 10000"},
	} {
		got, err := c.words.Value(c.effort, c.k)
		if got != c.want || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s, effort %d, k %d: %d, %v; want %d, %q", c.words.Key, c.effort, c.k, got, err, c.want, c.fails)
		}
	}
	if p, q := PGVector.Parameter(), PGVectorIterative.Parameter(); p != "hnsw.ef_search" || q != p {
		t.Error(p, q)
	}
	for words, want := range map[*Words]string{
		&PGVector: "SET hnsw.ef_search = 120;", &Elasticsearch: `"knn": {"k": 40, "num_candidates": 120}`,
		&Vespa: "{targetHits: 40, hnsw.exploreAdditionalHits: 80}nearestNeighbor(FIELD, QUERY)",
	} {
		if got := words.Statement(120, 40); got != want {
			t.Errorf("%s: %s", words.Key, got)
		}
	}
}
