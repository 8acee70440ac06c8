package peers

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
)

// report is what a script writes. A pointer is nil where a peer does not make the number knowable.
type report struct {
	Version       int     `json:"version"`
	Peer          string  `json:"peer"`
	Library       string  `json:"library"`
	Setting       string  `json:"setting"`
	Stored        string  `json:"stored"`
	EffortName    string  `json:"effort_name"`
	N             int     `json:"n"`
	D             int     `json:"d"`
	Queries       int     `json:"queries"`
	K             int     `json:"k"`
	Budget        float64 `json:"budget"`
	MemoryBytes   float64 `json:"memory_bytes"`
	MemoryFormula string  `json:"memory_formula"`
	ResidentBytes float64 `json:"resident_bytes"`
	DiskBytes     float64 `json:"disk_bytes"`
	BuildSeconds  float64 `json:"build_seconds"`
	ReadsFrom     string  `json:"reads_from"`
	ReadAhead     *int    `json:"read_ahead"`
	Rows          []effort
}

// effort is one row of a report.
type effort struct {
	Effort    int      `json:"effort"`
	Recall1   float64  `json:"recall1"`
	Recall10  float64  `json:"recall10"`
	Vectors   *float64 `json:"vectors"`
	BytesRead float64  `json:"bytes_read"`
	Reads     *float64 `json:"reads"`
	Faults    float64  `json:"faults"`
	Cold      float64  `json:"cold_ms"`
	ColdP50   float64  `json:"cold_p50_ms"`
	Warm      float64  `json:"warm_ms"`
	WarmP50   float64  `json:"warm_p50_ms"`
	CPU       float64  `json:"cpu_ms"`
}

// readReport reads and checks the report of a peer at a budget.
func readReport(path, key string, budget float64) ([]Row, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r report
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := r.check(key, budget); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r.rows(), nil
}

// check returns an error that names the field of a report that cannot be right.
func (r *report) check(key string, budget float64) error {
	switch {
	case r.Version != 1:
		return fmt.Errorf("version: %d, want 1", r.Version)
	case r.Peer != key || r.Budget != budget:
		return fmt.Errorf("peer: %s at %g bytes a vector, want %s at %g", r.Peer, r.Budget, key, budget)
	case r.N < 1 || r.D < 1 || r.Queries < 1 || r.K != 10:
		return fmt.Errorf("n, d, queries, k: %d, %d, %d, %d", r.N, r.D, r.Queries, r.K)
	case r.Stored != "uint8" && r.Stored != "float32":
		return fmt.Errorf("stored: %q", r.Stored)
	case !(r.MemoryBytes > 0) || r.ResidentBytes < 0 || !(r.DiskBytes > 0) || !(r.BuildSeconds > 0):
		return fmt.Errorf("memory, resident, disk: %g, %g, %g bytes; build: %g s",
			r.MemoryBytes, r.ResidentBytes, r.DiskBytes, r.BuildSeconds)
	case r.Library == "" || r.Setting == "" || r.EffortName == "" || r.MemoryFormula == "" || r.ReadsFrom == "" || len(r.Rows) == 0:
		return fmt.Errorf("a text is empty or there are no rows")
	}
	for i := range r.Rows {
		if err := r.Rows[i].check(); err != nil {
			return fmt.Errorf("effort %d: %w", r.Rows[i].Effort, err)
		}
	}
	return nil
}

func (e *effort) check() error {
	switch {
	case e.Effort < 1:
		return fmt.Errorf("effort: %d", e.Effort)
	case !(e.Recall1 >= 0 && e.Recall1 <= 1 && e.Recall10 >= 0 && e.Recall10 <= 1):
		return fmt.Errorf("recall: %g and %g", e.Recall1, e.Recall10)
	case e.Vectors != nil && !(*e.Vectors > 0) || e.Reads != nil && !(*e.Reads >= 0) || e.Faults < 0:
		return fmt.Errorf("vectors, reads and faults are not counts")
	case !(e.BytesRead > 0):
		return fmt.Errorf("bytes_read: %g: the reads came from a cache", e.BytesRead)
	case !(e.Cold > 0 && e.ColdP50 > 0 && e.Warm > 0 && e.WarmP50 > 0 && e.CPU >= 0) || math.IsInf(e.Cold+e.Warm+e.CPU, 0):
		return fmt.Errorf("times: %g, %g, %g ms", e.Cold, e.Warm, e.CPU)
	}
	return nil
}

func (r *report) rows() []Row {
	rows := make([]Row, len(r.Rows))
	n, ahead := float64(r.N), -1
	if r.ReadAhead != nil {
		ahead = *r.ReadAhead
	}
	for i, e := range r.Rows {
		rows[i] = Row{
			Peer: r.Peer, Library: r.Library, Setting: r.Setting, Stored: r.Stored, Budget: r.Budget,
			EffortName: r.EffortName, Effort: e.Effort,
			MemoryBytesPerVector: r.MemoryBytes / n, MemoryFormula: r.MemoryFormula, ResidentBytesPerVector: r.ResidentBytes / n,
			DiskBytesPerVector: r.DiskBytes / n, ReadAheadBytes: ahead,
			Recall1: e.Recall1, Recall10: e.Recall10,
			Vectors: known(e.Vectors), BytesRead: e.BytesRead, Reads: known(e.Reads), ReadsFrom: r.ReadsFrom, Faults: e.Faults,
			ColdMilliseconds: e.Cold, ColdP50Milliseconds: e.ColdP50, WarmMilliseconds: e.Warm, WarmP50Milliseconds: e.WarmP50,
			CPUMilliseconds: e.CPU, BuildSeconds: r.BuildSeconds,
		}
	}
	return rows
}

// known returns the number, or −1 if the peer does not make it knowable.
func known(v *float64) float64 {
	if v == nil {
		return -1
	}
	return *v
}
