package fidelity

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/ann"
)

// neighborhoods holds 700 points in 6 dimensions and the neighbours of point 0, which has duplicates. All coordinates are
// multiples of 1/4, so that some distances are equal.
type neighborhoods struct {
	base    ann.Vectors
	nearest ann.Neighbors // all others
	squared []float32     // by ID
	random  *rand.Rand
}

const most = 500

func newNeighborhoods(t *testing.T) *neighborhoods {
	t.Helper()
	n := &neighborhoods{random: rand.New(rand.NewPCG(13, 0))}
	data := make([]float32, 700*6)
	for i := range data {
		data[i] = float32(math.Round(n.random.NormFloat64()*16)) / 4
	}
	for _, duplicate := range []int{5, 300} {
		copy(data[6*duplicate:], data[:6])
	}
	var err error
	if n.base, err = ann.NewVectors(700, 6, data); err != nil {
		t.Fatal(err)
	}
	n.nearest, n.squared = bruteForce(n.base, 0), make([]float32, 700)
	for _, m := range n.nearest {
		n.squared[m.ID] = m.Distance * m.Distance
	}
	return n
}

func (n *neighborhoods) growth() *Growth {
	g := NewGrowth(n.base, most)
	g.Begin(idsOf(n.nearest[:most]), n.squared)
	return g
}

// compare compares the running form of every measure with its definition, within a relative difference of 2e-5 plus an
// absolute difference of 1e-5.
func (n *neighborhoods) compare(t *testing.T, name string, g *Growth, answer ann.Neighbors, k, visited int) {
	t.Helper()
	got, exact := make([]float32, len(Measures)), make([]float32, len(Measures))
	g.Measure(k, got)
	g.MeasureExact(k, exact)
	l := Lists{Base: n.base, K: k, Truth: n.nearest[:k], Answer: answer, Visited: visited}
	for i, m := range Measures {
		if m.Slots {
			got[i] /= float32(k)
		}
		same(t, fmt.Sprintf("%s, k %d: %s", name, k, m.Label), float64(got[i]), orNaN(m.Definition(l)))
		if m.List != nil {
			l := l
			l.Answer = l.Truth
			same(t, fmt.Sprintf("%s, k %d: exact %s", name, k, m.Label), float64(exact[i]), orNaN(m.Definition(l)))
		} else if !isUndefined(exact[i]) {
			t.Errorf("%s has the value %v for a single list", m.Label, exact[i])
		}
	}
}

func same(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-5+2e-5*math.Abs(want) {
		t.Errorf("%s: %v, by definition %v", name, got, want)
	}
}

// An engine gives a different list at every k; some lists are short or empty.
func TestRunningFormsAreTheDefinitionsOfAnswers(t *testing.T) {
	n := newNeighborhoods(t)
	g := n.growth()
	for i, k := range []int{10, 20, 30, 70, 100, 110, 250, 490, 500} {
		var answer ann.Neighbors
		for _, m := range n.nearest {
			if n.random.Float64() < .9 {
				answer = append(answer, m)
			}
		}
		answer = answer[:k-[]int{0, 0, 1, 2, 40, 0}[i%6]]
		if i == 2 {
			answer = nil
		}
		g.Answered(answer)
		n.compare(t, "answer", g, answer, k, len(answer))
	}
}

// A walk visits more nodes for a larger efSearch, which is fixed or proportional to k.
func TestRunningFormsAreTheDefinitionsOfWalks(t *testing.T) {
	n := newNeighborhoods(t)
	efforts := make([]int32, n.base.N) // by ID: the nearer, the earlier
	for rank, m := range n.nearest {
		efforts[m.ID] = int32(1 + n.random.IntN(2+rank/2))
	}
	ofTruth := make([]int32, most)
	for i, m := range n.nearest[:most] {
		ofTruth[i] = efforts[m.ID]
	}
	g, short := n.growth(), 0
	for _, alpha := range []float64{0, .25, 1} {
		g.Restart()
		var list []Member
		reached := 0
		for k := 10; k <= most; k += 10 {
			ef := max(30, int(alpha*float64(k)))
			visited := slices.DeleteFunc(slices.Clone(n.nearest), func(m ann.Neighbor) bool { return int(efforts[m.ID]) > ef })
			if ef != reached {
				grown := members(visited[:min(most, len(visited))])
				same := inCommon(list, grown)
				copy(grown, list[:same])
				g.Visited(grown, same, len(visited), ofTruth, ef)
				list, reached = grown, ef
			}
			answer := visited[:min(k, len(visited))]
			if len(answer) < k {
				short++
			}
			n.compare(t, fmt.Sprintf("alpha %v", alpha), g, answer, k, len(visited))
		}
	}
	if short == 0 {
		t.Error("no answer was short: short answers were not tested")
	}
}

func members(list ann.Neighbors) (all []Member) {
	for _, m := range list {
		all = append(all, NewMember(m.ID, m.Distance*m.Distance))
	}
	return all
}

// inCommon returns the number of equal members at the front.
func inCommon(a, b []Member) (n int) {
	for n < len(a) && n < len(b) && a[n].ID == b[n].ID {
		n++
	}
	return n
}

// Column names are unique, and the published columns are the last.
func TestColumns(t *testing.T) {
	names := Values(nil).ColumnNames()
	if sorted := slices.Compact(slices.Sorted(slices.Values(names))); len(sorted) != len(names) {
		t.Errorf("columns %v: one is there twice", names)
	}
	if got := slices.IndexFunc(names, func(name string) bool { return name == "published_distance_exact" }); got != len(names)-5 {
		t.Errorf("the published columns begin at %d of %d", got, len(names))
	}
	for _, m := range Measures {
		if m.Label == "" || m.Definition == nil || (m.List == nil) == (m.Pair == nil) {
			t.Errorf("%+v: a measure has a label, a definition and one running form", m)
		}
	}
	var v, copied Values
	v.Set(Fill.Mean, 1)
	copied = v
	copied.Set(Fill.Mean, .5)
	if v.Of(Fill.Mean) != 1 || copied.Of(Fill.Mean) != .5 || copied.Of(Overlap.Mean) != 0 || Values(nil).Of(LID.Mean) != 0 {
		t.Errorf("%v and %v", v, copied)
	}
}

// Means exclude undefined values, and a paired exact mean excludes the queries whose answer has no value. The tail holds
// quantiles of the answers.
func TestSummarize(t *testing.T) {
	at := func(m Measure) int {
		return slices.IndexFunc(Measures, func(x Measure) bool { return x.Label == m.Label })
	}
	n := 1000
	answers, exact := make([][]float32, n), make([][]float32, n)
	for q := range n {
		answers[q], exact[q] = make([]float32, len(Measures)), make([]float32, len(Measures))
		answers[q][at(Overlap)] = float32(q % 10)
		answers[q][at(LID)], exact[q][at(LID)] = float32(1+q%2), 4
		answers[q][at(PublishedDistance)], exact[q][at(PublishedDistance)] = 3, float32(q%2)
		if q%2 == 1 {
			answers[q][at(PublishedDistance)] = float32(math.NaN())
			exact[q][at(LID)] = float32(math.NaN())
		}
	}
	v := Summarize(10, n, func(q int) []float32 { return answers[q] }, func(q int) []float32 { return exact[q] })
	for column, want := range map[Column]float64{
		Overlap.Mean: .45, Overlap.Tail.Median: .4, Overlap.Tail.P01: 0, Overlap.Tail.Min: 0,
		LID.Mean: 1.5, LID.HarmonicMean: 4. / 3, LID.ExactMean: 4,
		PublishedDistance.Mean: 3, PublishedDistance.ExactMean: 0,
	} {
		if got := v.Of(column); math.Abs(got-want) > 1e-7 {
			t.Errorf("%v: %v, want %v", column, got, want)
		}
	}
}
