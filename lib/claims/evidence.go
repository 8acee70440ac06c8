package claims

import (
	"errors"
	"fmt"
	"math"

	"anncapacity/lib/capacity"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// Evidence is what claims are checked against: a whole study of one dataset and network.
type Evidence struct {
	Records     []study.Record
	AsPublished []study.Record // of the condition study.AsPublished
	Capacity    *capacity.Results

	Dataset, Weights string // study.Job.DatasetName, study.Job.WeightsName
}

// cell is one place in the tables that are compared.
type cell struct {
	condition int
	value     float64
	k         int
}

// checker holds the means over runs of the project's index, and the published ones. It keeps the first cell that is
// asked for and missing as err.
type checker struct {
	Evidence
	ours, as  map[cell]means // as: of AsPublished
	published map[cell]study.PublishedRow
	ks        []int
	err       error
}

type means struct {
	n                                       int
	overlap, empty, distanceRatio, lidRatio float64
}

func newChecker(e Evidence) (*checker, error) {
	if e.Capacity == nil {
		return nil, errors.New("claims: the tables of package capacity are missing")
	}
	c := &checker{Evidence: e, ours: meansOf(e.Records), as: meansOf(e.AsPublished), published: make(map[cell]study.PublishedRow), ks: study.Ks()}
	for _, r := range study.Published() {
		c.published[cell{r.Condition, r.Value, r.K}] = r
	}
	return c, nil
}

func meansOf(records []study.Record) map[cell]means {
	all := make(map[cell]means)
	for _, r := range records {
		if r.Index != study.IndexHNSW {
			continue
		}
		at := cell{r.Condition, r.Value, r.K}
		m := all[at]
		m.n++
		m.overlap += (r.Of(fidelity.Overlap.Mean) - m.overlap) / float64(m.n)
		m.empty += (r.Of(fidelity.EmptyShare.Mean) - m.empty) / float64(m.n)
		m.distanceRatio += (r.Of(fidelity.DistanceRatio.Mean) - m.distanceRatio) / float64(m.n)
		m.lidRatio += (r.Of(fidelity.LID.Mean)/r.Of(fidelity.LID.ExactMean) - m.lidRatio) / float64(m.n)
		all[at] = m
	}
	return all
}

func (c *checker) here(condition int, value float64, k int) means {
	m, ok := c.ours[cell{condition, value, k}]
	if !ok && c.err == nil {
		c.err = fmt.Errorf("claims: no records of %s, condition %d, value %v, k %d", study.IndexHNSW, condition, value, k)
	}
	return m
}

func (c *checker) there(condition int, value float64, k int) study.PublishedRow {
	r, ok := c.published[cell{condition, value, k}]
	if !ok && c.err == nil {
		c.err = fmt.Errorf("claims: nothing published for condition %d, value %v, k %d", condition, value, k)
	}
	return r
}

// span is the least and the greatest of some numbers.
type span struct{ low, high float64 }

func newSpan() span { return span{math.Inf(1), math.Inf(-1)} }

func (s *span) add(x float64) { s.low, s.high = min(s.low, x), max(s.high, x) }
func (s span) width() float64 { return s.high - s.low }
func (s span) String() string { return fmt.Sprintf("%.3f–%.3f", s.low, s.high) }
