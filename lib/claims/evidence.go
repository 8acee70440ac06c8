package claims

import (
	"errors"
	"fmt"
	"math"

	"anncapacity/lib/capacity"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// Evidence holds the results of a complete study of one dataset and network, against which claims are checked.
type Evidence struct {
	Records     []study.Record
	AsPublished []study.Record // records of the condition study.AsPublished
	Capacity    *capacity.Results

	Dataset, Weights string // study.Job.DatasetName, study.Job.WeightsName
}

// cell is the key of a row in the compared tables.
type cell struct {
	condition int
	value     float64
	k         int
}

// checker holds the means over runs of the project's own index, and the published rows. err is set when a required cell is
// missing.
type checker struct {
	Evidence
	ours, asPublished map[cell]means
	published         map[cell]study.PublishedRow
	ks                []int
	err               error
}

type means struct {
	n                                       int
	overlap, empty, distanceRatio, lidRatio float64
}

func newChecker(e Evidence) (*checker, error) {
	if e.Capacity == nil {
		return nil, errors.New("claims: the tables of package capacity are missing")
	}
	c := &checker{Evidence: e, ours: meansOf(e.Records), asPublished: meansOf(e.AsPublished), published: make(map[cell]study.PublishedRow), ks: study.Ks()}
	for _, r := range study.Published() {
		c.published[cell{r.Condition, r.Value, r.K}] = r
	}
	return c, nil
}

// meansOf returns the means over runs of the records of the project's own index.
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

// meansAt returns the means of the study at one cell.
func (c *checker) meansAt(condition int, value float64, k int) means {
	m, ok := c.ours[cell{condition, value, k}]
	if !ok && c.err == nil {
		c.err = fmt.Errorf("claims: no records of %s, condition %d, value %v, k %d", study.IndexHNSW, condition, value, k)
	}
	return m
}

// publishedAt returns the published row at one cell.
func (c *checker) publishedAt(condition int, value float64, k int) study.PublishedRow {
	r, ok := c.published[cell{condition, value, k}]
	if !ok && c.err == nil {
		c.err = fmt.Errorf("claims: no published results for condition %d, value %v, k %d", condition, value, k)
	}
	return r
}

// span holds the smallest and the largest of some numbers.
type span struct{ low, high float64 }

func newSpan() span { return span{math.Inf(1), math.Inf(-1)} }

func (s *span) add(x float64) { s.low, s.high = min(s.low, x), max(s.high, x) }
func (s span) width() float64 { return s.high - s.low }
func (s span) String() string { return fmt.Sprintf("%.3f–%.3f", s.low, s.high) }
