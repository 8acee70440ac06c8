package fidelity

import "anncapacity/lib/ann"

// Measure is a fidelity measure: its definition, the running form that the study uses, and the columns of its statistics
// over queries. To add a measure, define a variable in a file of its own and add it to Measures.
type Measure struct {
	Label string // label of an axis
	Unit  string // unit of the axis; "" for dimensionless numbers and for lengths in units of the embeddings

	// Definition returns the value for one query; ok is false if the value is undefined.
	Definition func(l Lists) (value float64, ok bool)

	// Running forms, which compute the value from the sums of a Growth. Exactly one of them is set. They return NaN if the
	// value is undefined. List computes the value of a single list, which may be the exact list; Pair compares the answer
	// with the exact list.
	List func(p Prefix) float64
	Pair func(g *Growth) float64

	Slots     bool // the running form returns a number of slots; columns hold its share of k
	Paired    bool // ExactMean excludes the queries whose answer has no value, as Mean does
	Published bool // measure of the published study; its columns follow those of all other measures

	// Columns of statistics over queries. The statistics exclude undefined values. A zero Column is not recorded.
	ExactMean, Mean                 Column // arithmetic means, of the exact lists and of the answers
	ExactHarmonicMean, HarmonicMean Column
	Tail                            Tail
}

// Column is one column of numbers in a record.
type Column struct{ name string }

// String returns the name of the column in CSV files.
func (c Column) String() string { return c.name }

// Tail holds the columns of the low quantiles of the distribution over queries. The p-quantile is the smallest value that at
// least a share p of the queries does not exceed.
type Tail struct {
	Median, P01, P001, Min Column // p = 0.5, 0.01 and 0.001; the smallest value
}

// Title returns the label, followed by a comma and the unit if there is one.
func (m Measure) Title() string {
	if m.Unit == "" {
		return m.Label
	}
	return m.Label + ", " + m.Unit
}

// Lists holds the input of a definition for one query.
type Lists struct {
	Base    ann.Vectors
	K       int
	Truth   ann.Neighbors // the K exact neighbours
	Answer  ann.Neighbors // at most K members
	Visited int           // nodes other than the query that the search visited
}

// answered returns a definition that applies a function to the answer alone.
func answered(of func(list ann.Neighbors) (float64, bool)) func(Lists) (float64, bool) {
	return func(l Lists) (float64, bool) { return of(l.Answer) }
}

// running returns the value for the answer to g.K.
func (m Measure) running(g *Growth) float64 {
	if m.List != nil {
		return m.List(g.Answer())
	}
	return m.Pair(g)
}
