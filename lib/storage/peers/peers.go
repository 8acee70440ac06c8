// Package peers runs other programs that search vectors on storage, on one base and one set of queries: FAISS with inverted lists
// on disk and with product-quantised codes in memory, DiskANN, LanceDB, and SPTAG's SPANN. The scripts of environment/peers/storage
// build and search their indexes. They count the bytes that a query reads by the kernel's /proc/self/io and not by what a program
// says; the page cache is dropped before every cold query.
//
// Each peer is given a budget of memory in bytes a vector and spends it in its own way: on centroids, codes, a graph of heads or
// a cache. Setting says how. MemoryBytesPerVector is what the structures in memory take by their construction, and
// ResidentBytesPerVector the measured growth of the private memory of the process.
package peers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/internal/table"
)

// Options specify a comparison.
type Options struct {
	Base    string // .bvecs, n × d
	Queries string // .bvecs, of the same d
	Truth   string // .ivecs: the exact nearest neighbours of every query, ten or more, nearest first. "" means that FAISS finds them.
	Out     string // folder of the tables, the finished parts and the indexes; it is created

	Budgets []float64 // bytes of memory a vector, each above 0. Nil means 4, 8 and 16.
	Peers   []string  // keys of the peers to run, of Keys. Nil means all.
	Efforts []int     // values of every peer's effort, ascending. Nil means those of each script.
	Seed    int       // of the peers that take one: FAISS's. Zero means 1.

	Progress io.Writer // shows the progress; nil means that nothing is shown
}

// Row is one peer at one budget and one effort. Counts and times are means over the queries, if not said otherwise.
type Row struct {
	Peer    string  `csv:"peer"`
	Library string  `csv:"library"`
	Setting string  `csv:"setting"`
	Stored  string  `csv:"stored"` // type of a stored component: uint8 or float32
	Budget  float64 `csv:"budget_bytes_per_vector"`

	EffortName string `csv:"effort_name"`
	Effort     int    `csv:"effort"`

	MemoryBytesPerVector   float64 `csv:"memory_bytes_per_vector"`   // by MemoryFormula
	MemoryFormula          string  `csv:"memory_formula"`            // or who says it
	ResidentBytesPerVector float64 `csv:"resident_bytes_per_vector"` // growth of the private memory, after all efforts
	DiskBytesPerVector     float64 `csv:"disk_bytes_per_vector"`
	ReadAheadBytes         int     `csv:"read_ahead_bytes"` // the kernel's, on that disk; −1 if it is not known

	Recall1  float64 `csv:"recall1"`  // by distance: a vector as near as the true nearest counts
	Recall10 float64 `csv:"recall10"` // likewise, as near as the true tenth

	Vectors   float64 `csv:"vectors"`    // whole vectors fetched; −1 where the peer does not make it knowable
	BytesRead float64 `csv:"bytes_read"` // cold, from the disk
	Reads     float64 `csv:"reads"`      // cold; −1 if they cannot be counted
	ReadsFrom string  `csv:"reads_from"` // how the reads are counted
	Faults    float64 `csv:"faults"`     // cold, major page faults

	ColdMilliseconds    float64 `csv:"cold_ms"`
	ColdP50Milliseconds float64 `csv:"cold_p50_ms"`
	WarmMilliseconds    float64 `csv:"warm_ms"`
	WarmP50Milliseconds float64 `csv:"warm_p50_ms"`
	CPUMilliseconds     float64 `csv:"cpu_ms"` // of all threads, cold
	BuildSeconds        float64 `csv:"build_s"`
}

// Presence says whether a peer can run here and how to install it.
type Presence struct {
	Peer      string `csv:"peer"`
	Installed string `csv:"installed"` // yes or no
	Reason    string `csv:"reason"`    // why not
	Install   string `csv:"install"`
}

// Result holds the rows, by budget, peer and effort, and every peer that was asked for, whether or not it is installed.
type Result struct {
	Rows  []Row
	Peers []Presence
}

// Absent returns the peers that are not installed.
func (r Result) Absent() []Presence {
	var absent []Presence
	for _, p := range r.Peers {
		if p.Installed == "no" {
			absent = append(absent, p)
		}
	}
	return absent
}

// Run runs every peer that is installed at every budget and returns the rows and the peers. It stores them in the tables peers.csv,
// if there are rows, and installed.csv in Out. A peer at a budget is a part: an interrupted comparison continues after the last
// finished part. A peer that fails ends the comparison with an error.
func Run(ctx context.Context, o Options) (Result, error) {
	if err := o.check(); err != nil {
		return Result{}, err
	}
	var result Result
	var present []peer
	for _, p := range o.chosen() {
		presence := Presence{p.key, "yes", "", p.install}
		if err := p.absent(); err != nil {
			presence.Installed, presence.Reason = "no", err.Error()
		} else {
			present = append(present, p)
		}
		result.Peers = append(result.Peers, presence)
	}
	folder, err := parts.Folder(o.Out)
	if err != nil {
		return result, err
	}
	run := &runner{Options: o, folder: folder}
	tables := []table.Table{table.New(filepath.Join(o.Out, "installed.csv"), result.Peers)}
	if len(present) > 0 {
		if result.Rows, err = run.all(ctx, present); err != nil {
			return result, err
		}
		tables = append(tables, table.New(filepath.Join(o.Out, "peers.csv"), result.Rows))
	}
	return result, table.Write(tables...)
}

// all runs the peers at every budget.
func (r *runner) all(ctx context.Context, peers []peer) (rows []Row, err error) {
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	bar := progress.New(r.Progress, "peers", len(r.Budgets)*len(peers), "")
	defer bar.Stop()
	for _, budget := range r.Budgets {
		for _, p := range peers {
			bar.Describe(fmt.Sprintf("%s, %g bytes a vector", p.key, budget))
			part, err := r.part(ctx, p, budget)
			if err != nil {
				return rows, fmt.Errorf("peers: %s at %g bytes a vector: %w", p.key, budget, err)
			}
			rows = append(rows, part...)
			bar.Add(1)
		}
	}
	return rows, nil
}

// check completes the options and returns an error that names a field if they are wrong.
func (o *Options) check() error {
	if o.Budgets == nil {
		o.Budgets = []float64{4, 8, 16}
	}
	for _, b := range o.Budgets {
		if !(b > 0 && b <= 1<<16) {
			return fmt.Errorf("peers: Budgets: %g bytes a vector", b)
		}
	}
	for i, e := range o.Efforts {
		if e < 1 || i > 0 && e <= o.Efforts[i-1] {
			return fmt.Errorf("peers: Efforts: %v is not ascending from 1 or more", o.Efforts)
		}
	}
	for _, key := range o.Peers {
		if _, ok := find(key); !ok {
			return fmt.Errorf("peers: Peers: no peer %q; there are %v", key, Keys())
		}
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Seed < 0 {
		return fmt.Errorf("peers: Seed: %d is negative", o.Seed)
	}
	if o.Out == "" {
		return errors.New("peers: Out: no folder")
	}
	return o.absolute()
}

// absolute makes the paths absolute, because the scripts run in their own folder, and checks that the files exist.
func (o *Options) absolute() error {
	for _, f := range []struct {
		name string
		path *string
	}{{"Base", &o.Base}, {"Queries", &o.Queries}, {"Truth", &o.Truth}, {"Out", &o.Out}} {
		if f.name == "Truth" && *f.path == "" {
			continue
		}
		path, err := filepath.Abs(*f.path)
		if err == nil && f.name != "Out" {
			var info os.FileInfo
			if info, err = os.Stat(path); err == nil && !info.Mode().IsRegular() {
				err = fmt.Errorf("%s is not a file", path)
			}
		}
		if err != nil {
			return fmt.Errorf("peers: %s: %w", f.name, err)
		}
		*f.path = path
	}
	return nil
}
