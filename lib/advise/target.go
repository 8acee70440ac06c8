package advise

import (
	"math"
	"slices"
	"sort"

	"anncapacity/lib/confidence"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/report"
)

// target is a number that increases with efSearch and is to reach a goal, and the smallest efSearch with which it does.
type target struct {
	goal    float64
	highest float64 // upper limit of the number for any efSearch, by what is reachable
	effort  int     // 0 until it is known
	reached float64 // the number at the effort
}

// rounding is the relative rounding error of a mean recall that does not count.
const rounding = 1e-12

// settled reports whether the effort is known, or known not to exist.
func (t target) settled() bool { return t.effort > 0 || t.highest < t.goal*(1-rounding) }

// efSearch returns the effort, or nil if there is none.
func (t target) efSearch() *int {
	if t.effort == 0 {
		return nil
	}
	return &t.effort
}

// worse reports whether t needs a larger effort than u, or the same with a lower number. If neither has an effort, it compares the
// highest numbers.
func (t target) worse(u target) bool {
	if t.effort == 0 && u.effort == 0 {
		return t.highest < u.highest
	}
	if t.effort == u.effort {
		return t.reached < u.reached
	}
	return t.effort == 0 || u.effort != 0 && t.effort > u.effort
}

// smallest sets the effort to the smallest efSearch up to walked with which the number, which at returns, reaches the goal.
func (t *target) smallest(walked int, at func(ef int) float64) {
	enough := func(ef int) bool { return at(ef) >= t.goal*(1-rounding) }
	if t.effort = 0; enough(walked) {
		t.effort = 1 + sort.Search(walked-1, func(i int) bool { return enough(i + 1) })
		t.reached = at(t.effort)
	}
}

// rankOf returns the smallest positive integer that is at least share · count, ignoring rounding errors: 0.07 · 100 gives 7.
func rankOf(share float64, count int) int {
	return max(1, int(math.Ceil(share*float64(count)*(1-rounding))))
}

// recalls returns, for the queries that determine the advice, the share of the k neighbours that found returns the number of.
func (q *question) recalls(found func(i int) int) []float64 {
	values := make([]float64, 0, q.calibrated())
	for i, held := range q.verify {
		if !held {
			values = append(values, float64(found(i))/float64(q.k))
		}
	}
	return values
}

// meanBound returns the lower confidence bound of the mean recall.
func (q *question) meanBound(found func(i int) int) float64 {
	bound, err := confidence.LowerMean(q.recalls(found), report.Level)
	if err != nil {
		panic(err) // a recall outside [0, 1]
	}
	return bound
}

// eachBound returns the lower confidence bound of the share of the queries that each reach the wanted recall.
func (q *question) eachBound(found func(i int) int) float64 {
	reach := 0
	for i, held := range q.verify {
		if !held && found(i) >= rankOf(q.Recall, q.k) {
			reach++
		}
	}
	bound, err := confidence.LowerShare(reach, q.calibrated(), report.Level)
	if err != nil {
		panic(err) // more successes than trials
	}
	return bound
}

// meanOfAll returns the mean recall of all queries.
func (q *question) meanOfAll(found func(i int) int) float64 {
	sum := 0
	for i := range q.queries {
		sum += found(i)
	}
	return float64(sum) / float64(q.k*len(q.queries))
}

// update sets the highest numbers of the targets from the bounds of the queries, and the efforts from the efforts up to walked.
func (s *survey) update(walked int) {
	numbers := []struct {
		t  *target
		at func(found func(i int) int) float64
	}{{&s.mean, s.meanBound}, {&s.each, s.eachBound}, {&s.observed, s.meanOfAll}}
	for _, n := range numbers {
		n.t.highest = n.at(func(i int) int { return s.bound[i] })
		if walked > 0 && !n.t.settled() {
			n.t.smallest(walked, func(ef int) float64 { return n.at(func(i int) int { return s.found(i, ef) }) })
		}
	}
}

// found returns the number of neighbours that query i finds with efSearch ef, which must not exceed the walked effort.
func (s *survey) found(i, ef int) int {
	count, _ := slices.BinarySearch(s.effortsOf(i), int32(ef)+1)
	return count
}

// queryEfforts returns, for every query, the smallest efSearch with which it reaches the recall, or hnsw.Unseen.
func (s *survey) queryEfforts() []int32 {
	efforts := make([]int32, len(s.queries))
	for q := range efforts {
		efforts[q] = s.effortsOf(q)[rankOf(s.Recall, s.k)-1]
	}
	return efforts
}

// histogram holds the number of occurrences of each known effort.
type histogram []int64

// add counts known efforts.
func (h histogram) add(efforts ...int32) histogram {
	for _, effort := range efforts {
		if effort == hnsw.Unseen {
			continue
		}
		if more := int(effort) + 1 - len(h); more > 0 {
			h = append(h, make([]int64, more)...)
		}
		h[effort]++
	}
	return h
}

// upTo returns the number of efforts that are at most ef.
func (h histogram) upTo(ef int) (count int64) {
	for _, n := range h[:min(len(h), ef+1)] {
		count += n
	}
	return count
}
