package live

import (
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/report"
)

// neighbours are an answer without the query itself and without repeated IDs.
type neighbours struct {
	ids       []string
	distances []float64
	self      bool // the answer holds the query itself
}

// others returns the first k answers without the query itself and without repeated IDs.
func (q Query) others(a Answer, k int) (n neighbours) {
	for i, id := range a.IDs[:min(k, len(a.IDs))] {
		if q.Stored && id == q.Name {
			n.self = true
		} else if !slices.Contains(n.ids, id) {
			n.ids, n.distances = append(n.ids, id), append(n.distances, a.Distances[i])
		}
	}
	return n
}

// observe compares the row's answer to query i with the exact one. The query itself may be in one of them only, in particular under
// the inner product.
func (a *audit) observe(r *row, i int) report.Observation {
	q := a.queries[i]
	truth, got := q.others(a.truths[i], r.k), q.others(r.answers[i], r.k)
	o := report.Observation{Length: len(got.ids), Possible: len(truth.ids)}
	if o.Possible == 0 {
		return report.Observation{}
	}
	if got.self && !truth.self {
		o.Length++ // it takes the place of another vector, and counts as a wrong one
	}
	farthest := slices.Max(truth.distances)
	farthest += a.slack(farthest)
	for j, id := range got.ids {
		same := slices.Contains(truth.ids, id)
		if same {
			o.Same++
		}
		if same || a.distance(q, id, got.distances[j]) <= farthest {
			o.ByDistance++
		}
	}
	o.ByDistance = min(o.ByDistance, o.Possible)
	return o
}

// distance returns the distance of an answer: as computed here if the truth is, otherwise as the engine returned it.
func (a *audit) distance(q Query, id string, returned float64) float64 {
	if a.vectors == nil {
		return returned
	}
	if d, ok := a.vectors.distance(q.Vector, id); ok {
		return d
	}
	return math.Inf(1) // not among the vectors that match the filter
}

// slack is the difference up to which two distances count as equal: engines round the same distance differently in an index and
// in a scan.
func (a *audit) slack(distance float64) float64 {
	const relative = 1e-6
	if a.index.Metric == ann.Cosine {
		return relative * max(distance, .1)
	}
	return relative * math.Abs(distance)
}

// observations returns what the complete queries got at the row's setting.
func (a *audit) observations(r *row) []report.Observation {
	of := make([]report.Observation, a.complete)
	for i := range of {
		of[i] = a.observe(r, i)
	}
	return of
}

// recall returns the recall that counts.
func (a *audit) recall(o report.Observation) float64 {
	if a.o.Target == report.ByIdentity {
		return float64(o.Same) / float64(o.Possible)
	}
	return float64(o.ByDistance) / float64(o.Possible)
}
