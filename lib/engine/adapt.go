package engine

import (
	"fmt"
	"runtime"

	"anncapacity/lib/ann"
)

// One returns a query as a matrix of one row, a view.
func One(query []float32) ann.Vectors { return ann.Vectors{N: 1, D: len(query), Data: query} }

// First returns the first of the answers that a batch of one query gave.
func First(answers []Answer, err error) (Answer, error) {
	if err != nil {
		return Answer{}, err
	}
	return answers[0], nil
}

// Report writes to o.Progress how many of n points an engine has taken, and ends the line with the last. what names the
// points: "points".
func (o Options) Report(done, n int, what string) {
	if o.Progress == nil {
		return
	}
	fmt.Fprintf(o.Progress, "\r%s: %d of %d %s", o.name, done, n, what)
	if done == n {
		fmt.Fprintln(o.Progress)
	}
}

// reportEvery is how many points lie between two lines of progress.
const reportEvery = 1000

// ReportPoint is Report for an engine that takes one point after another: it writes for every thousandth and the last.
func (o Options) ReportPoint(done, n int, what string) {
	if done%reportEvery == 0 || done == n {
		o.Report(done, n, what)
	}
}

// HeapGrowth returns by how many bytes build made Go's heap grow.
func HeapGrowth(build func() error) (int64, error) {
	before := heap()
	err := build()
	return max(0, heap()-before), err
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
