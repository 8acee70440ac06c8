package fidelity

import "anncapacity/lib/ann"

// Measure is one way of comparing an answer with the exact neighbours: its definition, the form of it that the study
// runs, and the columns of its statistics over queries. A measure is one variable in a file of its own and one line of
// Measures.
type Measure struct {
	Label string // of an axis
	Unit  string // of the axis; "" for a number without one, and for lengths of the embeddings

	// Definition is the value for one query; ok is false where there is none.
	Definition func(l Lists) (value float64, ok bool)

	// Exactly one of the running forms, which read what a Growth keeps for every k at once. Each returns NaN where there
	// is no value. List computes a value of one list, and so of the exact list too; Pair computes one of both lists.
	List func(p Prefix) float64
	Pair func(g *Growth) float64

	Slots     bool // running forms count slots; columns hold their share of the k
	Paired    bool // ExactMean leaves out the queries whose answer has no value, as Mean does
	Published bool // as the published study computed it: its columns stand behind those of the other measures

	// Statistics over queries, those without a value left out. A zero Column is not recorded.
	ExactMean, Mean                 Column // arithmetic means, of the exact lists and of the answers
	ExactHarmonicMean, HarmonicMean Column
	Tail                            Tail
}

// Column is one column of numbers in a record.
type Column struct{ name string }

// String returns the name of the column in CSV files.
func (c Column) String() string { return c.name }

// Tail is the low end of the distribution of answers over queries. A quantile is the smallest value that at least that
// share of the queries does not exceed.
type Tail struct {
	Median, P01, P001, Min Column // at 0.5, 0.01 and 0.001; the smallest
}

// Title returns the label and, behind a comma, the unit.
func (m Measure) Title() string {
	if m.Unit == "" {
		return m.Label
	}
	return m.Label + ", " + m.Unit
}

// Lists are what a definition reads of one query.
type Lists struct {
	Base    ann.Vectors
	K       int
	Truth   ann.Neighbors // the K nearest
	Answer  ann.Neighbors // at most K
	Visited int           // nodes other than the query that the search visited
}

// answered makes a definition of a function of the answer alone.
func answered(of func(list ann.Neighbors) (float64, bool)) func(Lists) (float64, bool) {
	return func(l Lists) (float64, bool) { return of(l.Answer) }
}

// running returns the value of the answer to g.K.
func (m Measure) running(g *Growth) float64 {
	if m.List != nil {
		return m.List(g.Answer())
	}
	return m.Pair(g)
}
