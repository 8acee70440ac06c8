// Package hnsw is a Hierarchical Navigable Small World index after Malkov & Yashunin (IEEE TPAMI 2020,
// arXiv 1603.09320), built the way FAISS's IndexHNSWFlat builds it, and searched by walks: one walk answers every
// (k, efSearch) and every capacity policy at once.
//
// Build gives a Graph that never changes. What is asked of it (efSearch, policy) is never part of it.
package hnsw

import "fmt"

// Options are the parameters of construction. The zero value is the study's default.
type Options struct {
	M              int // links per node on the upper levels, 2M on level 0. Zero means 32. Range 2–256.
	EfConstruction int // nearest kept while looking for links. Zero means 200. Range 1–65535.
	Selection      Selection
	Insertion      Insertion
	Seed           uint64 // draws the levels and the order of insertion
}

// Selection says when Algorithm 4 thins out the candidates for a new node's links.
type Selection uint8

const (
	// SelectWhenFull is FAISS's rule: candidates fewer than the room for links are all linked, unselected. With
	// efConstruction < 2M nothing is pruned on level 0.
	SelectWhenFull Selection = iota
	// SelectAlways is the paper's rule: the heuristic decides on every candidate.
	SelectAlways
)

func (s Selection) String() string {
	switch s {
	case SelectWhenFull:
		return "when full (FAISS)"
	case SelectAlways:
		return "always"
	}
	return fmt.Sprintf("Selection(%d)", uint8(s))
}

const (
	defaultM, minM, maxM                                        = 32, 2, 256
	defaultEfConstruction, minEfConstruction, maxEfConstruction = 200, 1, 65535
)

func (o Options) withDefaults() (Options, error) {
	if o.M == 0 {
		o.M = defaultM
	}
	if o.EfConstruction == 0 {
		o.EfConstruction = defaultEfConstruction
	}
	switch {
	case o.M < minM || o.M > maxM:
		return o, fmt.Errorf("hnsw: M = %d: must be %d to %d", o.M, minM, maxM)
	case o.EfConstruction < minEfConstruction || o.EfConstruction > maxEfConstruction:
		return o, fmt.Errorf("hnsw: efConstruction = %d: must be %d to %d", o.EfConstruction, minEfConstruction, maxEfConstruction)
	case o.Insertion > AsHNSWLibSorted:
		return o, fmt.Errorf("hnsw: unknown insertion %d: must be AsFAISS … AsHNSWLibSorted", o.Insertion)
	case o.Selection > SelectAlways:
		return o, fmt.Errorf("hnsw: unknown selection rule %d", o.Selection)
	}
	return o, nil
}
