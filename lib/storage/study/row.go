package study

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/stop"
)

// Row is the mean cost of a query at which a way reaches a recall.
type Row struct {
	Data   string  `csv:"data"` // what the vectors are, such as SIFT
	Way    string  `csv:"way"`
	Seed   uint64  `csv:"seed"`
	Base   int     `csv:"base"`         // number of base vectors
	Budget float64 `csv:"budget_bytes"` // wanted memory in bytes for each base vector; 0 if the way has no choice
	Learn  int     `csv:"learn"`        // number of learn queries of a network; 0 if none is trained
	Source string  `csv:"learn_source"` // where the learn queries come from; "" if there are none
	Round  int     `csv:"round"`        // rounds of duplication done
	Test   string  `csv:"test"`         // where the test queries come from

	Memory  float64 `csv:"memory_bytes"`    // bytes in memory for each base vector, with the positions of the units
	Units   int     `csv:"units"`           // clusters or pages
	Copies  float64 `csv:"copies"`          // vectors stored for each base vector, at least 1
	Rule    string  `csv:"rule"`            // key of the rule that stops the search
	K       int     `csv:"k"`               // number of neighbours
	Recall  float64 `csv:"recall"`          // recall@K that is reached, ties of the K-th neighbour included
	Read    float64 `csv:"units_read"`      // units read
	Reads   float64 `csv:"reads"`           // batches of units
	Vectors float64 `csv:"vectors_fetched"` // vectors read, copies included
	Bytes   float64 `csv:"bytes_read"`      // bytes of the pages read
}

// Recalls are the recalls of the rows.
var Recalls = []float64{.5, .6, .7, .8, .85, .9, .95, .97, .98, .99, .995}

// enough is a recall above those of the rows.
const enough = .9965

// Ks are the numbers of neighbours of the rows.
var Ks = []int{1, 10}

// candidate is a way to be evaluated on queries.
type candidate struct {
	row    Row // the way and its settings
	order  order.Order
	layout layout.Layout
	rules  []stop.Rule
}

// evaluate returns the rows of a candidate for every rule, number of neighbours and recall. A recall that no threshold of a rule
// has is left out.
func (c candidate) evaluate(ctx context.Context, base ann.Coordinates, t test, ks []int) (rows []Row, err error) {
	reader := storage.Memory(base, c.layout)
	row := c.row
	row.Test, row.Base, row.Units = t.name, base.N, c.layout.Units()
	row.Memory = float64(c.order.MemoryBytes()+storage.PositionBytes(base, c.layout)) / float64(base.N)
	row.Copies = float64(len(c.layout.IDs)) / float64(base.N)
	for _, k := range ks {
		setting := stop.Setting{Base: base, Order: c.order, Reader: reader, K: k, Queries: t.queries, Truth: t.truth, Enough: enough}
		efforts, err := stop.Sweep(ctx, setting, c.rules)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.Way, err)
		}
		row.K = k
		for i, rule := range c.rules {
			row.Rule = rule.Key
			rows = append(rows, row.at(efforts[i])...)
		}
	}
	return rows, nil
}

// at returns the rows of the efforts of a rule at every recall that it has.
func (r Row) at(efforts []stop.Effort) (rows []Row) {
	for _, recall := range Recalls {
		e, ok := stop.At(efforts, recall)
		if !ok {
			break
		}
		r.Recall = recall
		r.Read, r.Reads, r.Vectors, r.Bytes = e.Units, e.Reads, e.Vectors, e.Pages*layout.PageBytes
		rows = append(rows, r)
	}
	return rows
}
