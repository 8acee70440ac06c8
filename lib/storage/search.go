package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/postings"
	"anncapacity/lib/storage/stop"
	"anncapacity/lib/storage/walk"
)

// Index is an open index. It is safe for concurrent use.
type Index struct {
	Description
	order order.Order
	file  *postings.File
}

// Open opens the index in a folder. It is an error if a file is missing, damaged, of another version or of another index.
func Open(folder string, o postings.Options) (*Index, error) {
	d, err := readDescription(folder)
	if err != nil {
		return nil, err
	}
	way, err := WayOf(d.Way)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(folder, indexFile), err)
	}
	path := filepath.Join(folder, orderFile)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != d.Order {
		return nil, fmt.Errorf("%s: damaged, or of another index: its SHA-256 is not the one in %s", path, indexFile)
	}
	x := &Index{Description: *d}
	if x.order, err = way.read(content); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	path = filepath.Join(folder, vectorsFile)
	if x.file, err = postings.Open(path, o); err != nil {
		return nil, err
	}
	if hex.EncodeToString(x.file.Base[:]) != d.Base || hex.EncodeToString(x.file.Layout[:]) != d.Layout {
		x.file.Close()
		return nil, fmt.Errorf("%s: of another index: its hashes are not those in %s", path, indexFile)
	}
	return x, nil
}

// Close closes the files of the index.
func (x *Index) Close() error { return x.file.Close() }

// Mode describes in words how the vectors are read.
func (x *Index) Mode() string { return x.file.Mode() }

// Effort returns the rule and the calibrated effort of a search for k neighbours at a recall. If the index is not calibrated for k,
// they are those of the next larger number of neighbours.
func (x *Index) Effort(k int, recall float64) (stop.Rule, stop.Effort, error) {
	c, e, err := x.calibration(k, recall)
	if err != nil {
		return stop.Rule{}, e, err
	}
	rule, err := stop.RuleOf(c.Rule)
	return rule, e, err
}

// Searcher searches an index for one query at a time.
type Searcher struct {
	Cost postings.Cost // of all queries so far

	index     *Index
	walk      *walk.Walk
	k         int
	rule      stop.Rule
	threshold float64
}

// NewSearcher returns a searcher for k neighbours that stops by the rule at the threshold.
func (x *Index) NewSearcher(k int, rule stop.Rule, threshold float64) (*Searcher, error) {
	if err := ann.CheckK(k, x.N); err != nil {
		return nil, err
	}
	s := &Searcher{index: x, k: k, rule: rule, threshold: threshold}
	var err error
	s.walk, err = walk.New(x.order, fileReader{x.file, &s.Cost}, x.D, k)
	return s, err
}

// Search returns the k nearest vectors of the units that it reads. It reads on while these hold fewer than k.
func (s *Searcher) Search(ctx context.Context, query ann.Query) (ann.Neighbors, error) {
	err := s.walk.Run(ctx, query, func(state *walk.State) bool {
		return s.walk.Nearest().Len() == s.k && s.rule.Confidence(state) >= s.threshold
	})
	if err != nil {
		return nil, err
	}
	return s.walk.Nearest().Append(make(ann.Neighbors, 0, s.k)), nil
}

// fileReader reads units from a file.
type fileReader struct {
	file *postings.File
	cost *postings.Cost
}

// Units implements walk.Reader.
func (r fileReader) Units() int { return r.file.Units }

// Read implements walk.Reader.
func (r fileReader) Read(ctx context.Context, units []int32, nearest *walk.Scan) (s walk.Step, err error) {
	before := *r.cost
	err = r.file.Read(ctx, units, r.cost, func(u walk.Unit) error {
		s.Entered += nearest.Add(u)
		return nil
	})
	s.Vectors, s.Pages = int(r.cost.Vectors-before.Vectors), int(r.cost.Pages-before.Pages)
	return s, err
}
