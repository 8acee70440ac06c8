package study

import (
	"cmp"
	"fmt"
	"slices"

	"anncapacity/lib/storage"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/stop"
)

// AdviceOptions are the wishes for which Advise chooses a way.
type AdviceOptions struct {
	Recall float64 // wanted recall@K; the rows must have one that is at least as high
	K      int     // number of neighbours, one of the rows
	Memory float64 // largest memory in bytes for each base vector; zero means no limit
}

// Choice is a way with a size in memory, its rule that reads the fewest pages, and the mean costs of a query over the seeds.
type Choice struct {
	Way     string  `json:"way"`
	Name    string  `json:"name"`         // of the way, in words
	Budget  float64 `json:"budget_bytes"` // wanted memory in bytes for each base vector; 0 if the way has no choice
	Memory  float64 `json:"memory_bytes"` // bytes in memory for each base vector
	Rule    string  `json:"rule"`
	Vectors float64 `json:"vectors_fetched"`
	Pages   float64 `json:"pages"` // of 4 KiB
	Steps   float64 `json:"steps"` // batches of units; the units of a batch are read at the same time
	Seeds   int     `json:"seeds"`
}

// Budget is a memory and the best choice of every way within it, that with the fewest pages first.
type Budget struct {
	Bytes   float64  `json:"bytes"` // for each base vector
	Choices []Choice `json:"choices"`
}

// Advice says which way of a study to use.
type Advice struct {
	Data    string   `json:"data"`
	Base    int      `json:"base"` // number of base vectors
	Test    string   `json:"test"` // where the queries come from
	K       int      `json:"k"`
	Recall  float64  `json:"recall"` // the lowest recall of the rows that is at least the wanted one
	Best    Choice   `json:"best"`
	Less    *Choice  `json:"less_memory"` // the best choice with at most half of the memory, or nil
	More    *Choice  `json:"more_memory"` // the choice with the fewest pages, if it has more memory than the limit permits, or nil
	Budgets []Budget `json:"budgets"`

	Disk *DiskRow `json:"disk,omitempty"` // the best choice, or one of about its memory, as it was measured on a disk
}

// nearFewest is the ratio of pages up to which a choice with less memory is preferred.
const nearFewest = 1.1

// Advise chooses, from the rows of the largest base, a way that storage.Build can build: within the memory that with the fewest
// pages or, if others read up to a tenth more, that of these with the least memory. disk may be empty. It is an error if no row has
// the number of neighbours and the recall, or if no way has so little memory.
func Advise(rows []Row, disk []DiskRow, o AdviceOptions) (*Advice, error) {
	a, rows, err := selectRows(rows, o)
	if err != nil {
		return nil, err
	}
	choices := choicesOf(rows)
	a.Budgets = budgetsOf(choices)
	buildable := slices.DeleteFunc(slices.Clone(choices), func(c Choice) bool { return !c.buildable() })
	if len(buildable) == 0 {
		return nil, fmt.Errorf("storage study: at recall %v, k = %d there is no way that can be built", a.Recall, a.K)
	}
	limit := o.Memory
	if limit == 0 {
		limit = slices.MaxFunc(buildable, byMemory).Memory
	}
	var ok bool
	if a.Best, ok = cheapest(buildable, limit); !ok {
		least := slices.MinFunc(buildable, byMemory)
		return nil, fmt.Errorf("storage study: no way needs at most %.3g bytes of memory for each vector: %s needs %.3g", limit, least.Way, least.Memory)
	}
	if less, ok := cheapest(buildable, a.Best.Memory/2); ok {
		a.Less = &less
	}
	if more := slices.MinFunc(buildable, byPages); more.Memory > limit {
		a.More = &more
	}
	a.Disk = onDisk(disk, a)
	return a, nil
}

func byMemory(a, b Choice) int { return cmp.Or(cmp.Compare(a.Memory, b.Memory), byPages(a, b)) }

func byPages(a, b Choice) int {
	return cmp.Or(cmp.Compare(a.Pages, b.Pages), cmp.Compare(a.Vectors, b.Vectors), cmp.Compare(a.Way, b.Way))
}

// cheapest returns the choice with the fewest pages within a memory, or one with less memory that reads hardly more.
func cheapest(choices []Choice, memory float64) (best Choice, ok bool) {
	fit := slices.DeleteFunc(slices.Clone(choices), func(c Choice) bool { return c.Memory > memory })
	if len(fit) == 0 {
		return best, false
	}
	fewest := slices.MinFunc(fit, byPages).Pages
	return slices.MinFunc(slices.DeleteFunc(fit, func(c Choice) bool { return c.Pages > nearFewest*fewest }), byMemory), true
}

// buildable reports whether storage.Build builds the way.
func (c Choice) buildable() bool {
	_, err := storage.WayOf(c.Way)
	return err == nil
}

// selectRows returns the rows of the largest base on queries from other photographs, or else on the first set of queries, with the
// number of neighbours and the lowest sufficient recall. Of networks it returns the last that were trained.
func selectRows(rows []Row, o AdviceOptions) (*Advice, []Row, error) {
	a := &Advice{K: o.K}
	a.Data, a.Base = Largest(rows)
	rows = LastTrained(slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Data != a.Data || r.Base != a.Base }))
	if len(rows) == 0 {
		return nil, nil, fmt.Errorf("storage study: there are no rows")
	}
	a.Test = rows[0].Test
	if slices.ContainsFunc(rows, func(r Row) bool { return r.Test == OtherPhotographs }) {
		a.Test = OtherPhotographs
	}
	var ks []int
	var recalls []float64
	for _, r := range rows {
		ks = append(ks, r.K)
		if r.Test == a.Test && r.K == o.K {
			recalls = append(recalls, r.Recall)
		}
	}
	slices.Sort(ks)
	slices.Sort(recalls)
	if len(recalls) == 0 {
		return nil, nil, fmt.Errorf("storage study: no row has k = %d, only %v", o.K, slices.Compact(ks))
	}
	at := slices.IndexFunc(recalls, func(recall float64) bool { return recall >= o.Recall })
	if at < 0 {
		return nil, nil, fmt.Errorf("storage study: no row has a recall of at least %v at k = %d: the highest is %v", o.Recall, o.K, recalls[len(recalls)-1])
	}
	a.Recall = recalls[at]
	return a, slices.DeleteFunc(rows, func(r Row) bool { return r.Test != a.Test || r.K != o.K || r.Recall != a.Recall }), nil
}

// choicesOf returns a choice for every way and size in the order of their first rows.
func choicesOf(rows []Row) (choices []Choice) {
	type size struct {
		way    string
		budget float64
		units  int // of a network, which has no budget
	}
	var sizes []size
	of := map[size]map[string][]Row{} // by rule
	for _, r := range rows {
		s := size{way: r.Way, budget: r.Budget}
		if r.Budget == 0 {
			s.units = r.Units
		}
		if of[s] == nil {
			sizes, of[s] = append(sizes, s), map[string][]Row{}
		}
		of[s][r.Rule] = append(of[s][r.Rule], r)
	}
	for _, s := range sizes {
		var best []Choice
		for rule, rows := range of[s] {
			best = append(best, choiceOf(rule, rows))
		}
		seeds := slices.MaxFunc(best, func(a, b Choice) int { return cmp.Compare(a.Seeds, b.Seeds) }).Seeds
		best = slices.DeleteFunc(best, func(c Choice) bool { return c.Seeds < seeds }) // the recall was not reached with every seed
		choices = append(choices, slices.MinFunc(best, func(a, b Choice) int { return cmp.Or(byPages(a, b), cmp.Compare(a.Rule, b.Rule)) }))
	}
	return choices
}

// choiceOf returns the means of rows that differ in their seeds.
func choiceOf(rule string, rows []Row) Choice {
	c := Choice{Way: rows[0].Way, Name: nameOf(rows[0].Way), Budget: rows[0].Budget, Rule: rule, Seeds: len(rows)}
	mean := func(of func(Row) float64) float64 { return Over(rows, of).Mean }
	c.Memory, c.Vectors = mean(Row.memory), mean(Row.vectors)
	c.Pages = mean(func(r Row) float64 { return r.Bytes / layout.PageBytes })
	c.Steps = mean(func(r Row) float64 { return r.Reads })
	return c
}

// nameOf returns the name of a way of the rows.
func nameOf(way string) string {
	switch way {
	case PaperNetwork:
		return "the paper's network"
	case BestNetwork:
		return "the best network"
	}
	if w, err := storage.WayOf(way); err == nil {
		return w.Name
	}
	return way
}

// overBudget is the ratio of the memory of a choice and a budget up to which the choice is within the budget: codebooks and tables
// come on top of the codes.
const overBudget = 1.1

// budgetsOf returns the budgets 1, 2, 4 … bytes that change what is possible, with the best choice of every way within each.
func budgetsOf(choices []Choice) (budgets []Budget) {
	most := slices.MaxFunc(choices, byMemory).Memory
	for bytes := 1.; ; bytes *= 2 {
		best := map[string]Choice{}
		for _, c := range choices {
			if old, known := best[c.Way]; c.Memory <= overBudget*bytes && (!known || byPages(c, old) < 0) {
				best[c.Way] = c
			}
		}
		b := Budget{Bytes: bytes}
		for _, c := range best {
			b.Choices = append(b.Choices, c)
		}
		slices.SortFunc(b.Choices, byPages)
		if last := len(budgets) - 1; len(b.Choices) > 0 && (last < 0 || !slices.Equal(budgets[last].Choices, b.Choices)) {
			budgets = append(budgets, b)
		}
		if most <= overBudget*bytes {
			return budgets
		}
	}
}

// onDisk returns the row of the best choice on a disk, or nil if it was not measured with that recall.
func onDisk(rows []DiskRow, a *Advice) *DiskRow {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r DiskRow) bool {
		ratio := r.Memory / a.Best.Memory
		return r.Peer != "" || r.Way != a.Best.Way || r.K != a.K || r.Wanted != a.Recall || r.Base != a.Base || r.Data != a.Data ||
			ratio > nearMemory || ratio < 1/nearMemory
	})
	if len(rows) == 0 {
		return nil
	}
	return &rows[0]
}

// ruleInWords returns the name of a rule.
func ruleInWords(key string) string {
	if r, err := stop.RuleOf(key); err == nil {
		return r.Name
	}
	return key
}
