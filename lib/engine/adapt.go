package engine

import (
	"fmt"
	"runtime"

	"anncapacity/lib/ann"
)

// One returns query as a matrix of one row that shares its memory.
func One(query []float32) ann.Vectors { return ann.Vectors{N: 1, D: len(query), Data: query} }

// First returns the first answer of a batch, or err.
func First(answers []Answer, err error) (Answer, error) {
	if err != nil {
		return Answer{}, err
	}
	return answers[0], nil
}

// Report writes the number of points that an engine has processed, done of n, to o.Progress. It ends the line when done
// is n. what is the noun after the numbers, for example "points".
func (o Options) Report(done, n int, what string) {
	if o.Progress == nil {
		return
	}
	fmt.Fprintf(o.Progress, "\r%s: %d of %d %s", o.name, done, n, what)
	if done == n {
		fmt.Fprintln(o.Progress)
	}
}

// reportEvery is the number of points between two reports of progress.
const reportEvery = 1000

// ReportPoint calls Report for every thousandth point and for the last. It is for engines that insert points one at a time.
func (o Options) ReportPoint(done, n int, what string) {
	if done%reportEvery == 0 || done == n {
		o.Report(done, n, what)
	}
}

// HeapGrowth calls build and returns the growth of Go's heap in bytes.
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
