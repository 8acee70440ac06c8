// Package growth measures how the construction, the search and the memory of HNSW indexes, and exact search, grow with the number
// of points: for this project's index and for FAISS, hnswlib and usearch. Every measurement runs in a process of its own and is
// stored, so that an interrupted series can resume.
package growth

import (
	"fmt"
	"slices"
	"strings"
)

// File is the name of the file of records in the folder of results.
const File = "growth.csv"

// Settings of every index.
const (
	M              = 16
	EfConstruction = 200
	K              = 10   // neighbours of a search
	Queries        = 1000 // queries of a measurement, which are not points
	seed           = 1
)

// Efforts are the values of efSearch.
var Efforts = [2]int{50, 200}

// Own is the name of this project's index; Peers are those of the others.
const Own = "anncapacity"

// Peers are the engines that the project is compared with. Exact search is measured of FAISS alone, by its flat index.
var Peers = []string{"FAISS", "hnswlib", "usearch"}

// Engines are all engines, the project's first.
var Engines = append([]string{Own}, Peers...)

// Record is one measurement of one engine on a number of points of a set. Every search is of K neighbours. Values that were not
// measured are 0.
type Record struct {
	Set            string  `csv:"set"`
	Engine         string  `csv:"engine"`
	Version        string  `csv:"version"`
	Points         int     `csv:"points"`
	Dimensions     int     `csv:"dimensions"`
	M              int     `csv:"m"`
	EfConstruction int     `csv:"ef_construction"`
	Queries        int     `csv:"queries"`
	K              int     `csv:"k"`
	Threads        int     `csv:"threads"`     // of construction, of batches and of exact search
	Round          int     `csv:"round"`       // from 0
	Build          float64 `csv:"build_s"`     // wall time of the construction
	BuildCPU       float64 `csv:"build_cpu_s"` // user and system time of the construction
	Memory         float64 `csv:"memory_mb"`   // most anonymous memory during another construction, with the vectors and without huge pages of malloc, in MB of 10⁶ bytes
	Held           float64 `csv:"held_mb"`     // anonymous memory of the complete index, with the vectors, once free memory is returned
	Overlap50      float64 `csv:"overlap_ef50"`
	Overlap200     float64 `csv:"overlap_ef200"`
	Single50       float64 `csv:"single_ef50_per_s"` // queries per second, one at a time
	Single200      float64 `csv:"single_ef200_per_s"`
	Batch50        float64 `csv:"batch_ef50_per_s"` // queries per second, all at once
	Batch200       float64 `csv:"batch_ef200_per_s"`
	Walk50         float64 `csv:"walk_ef50_per_s"` // walks per second, one at a time; the project alone
	Walk200        float64 `csv:"walk_ef200_per_s"`
	Exact          float64 `csv:"exact_per_s"` // queries per second of exact search, all at once; the project and FAISS
}

// Job is a measurement: an engine, a set, a number of points, and the number of the round.
type Job struct {
	Set    string
	Engine string
	Points int
	Round  int
}

// Check reports an unknown engine or set, and a number of points that the set does not have.
func (j Job) Check() error {
	if !slices.Contains(Engines, j.Engine) {
		return fmt.Errorf("growth: engine %q: want one of %s", j.Engine, strings.Join(Engines, ", "))
	}
	s, err := setNamed(j.Set)
	if err != nil {
		return err
	}
	if j.Points <= K || j.Points > s.most {
		return fmt.Errorf("growth: %d points of the set %s: want %d … %d", j.Points, j.Set, K+1, s.most)
	}
	return nil
}

// Series returns the jobs of all engines on the given numbers of points of a set, in the order in which they should run: the small
// numbers first, and the engines in turns.
func Series(set string, points []int, rounds int) (jobs []Job) {
	for _, n := range points {
		for round := range rounds {
			for _, engine := range Engines {
				jobs = append(jobs, Job{set, engine, n, round})
			}
		}
	}
	return jobs
}
