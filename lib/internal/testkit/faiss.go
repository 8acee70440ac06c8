package testkit

import (
	"encoding/json"
	"testing"
)

// FAISSGraph describes a graph that FAISS builds on the committed points: the mean number of links on level 0, and overlaps
// with exact search.
type FAISSGraph struct {
	EfConstruction int     `json:"ef_construction"`
	MeanLinks      float64 `json:"mean_links"`
	Overlaps       []struct {
		Ef, K   int
		Overlap float64
	}
}

// FAISSGraphs returns, by efConstruction, FAISS's graphs with M = 32 and efConstruction 50, 200 and 400, searched with the
// values of efSearch of condition 1.
func FAISSGraphs(t *testing.T, peers Peers) map[int]FAISSGraph {
	t.Helper()
	var graphs []FAISSGraph
	answer := peers.Ask(t, Question{
		Name: "faiss_overlap", Folder: WithPoints(t, Embeddings), Script: "faiss_overlap.py", Same: true,
		Args: []string{Embeddings, "32", "50,200,400", "25,50,75,100", "10,50,100,200,500"},
	})
	if err := json.Unmarshal(answer, &graphs); err != nil {
		t.Fatal(err)
	}
	by := map[int]FAISSGraph{}
	for _, g := range graphs {
		by[g.EfConstruction] = g
	}
	return by
}
