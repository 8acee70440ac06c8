package advise

import (
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/memory"
)

// With two graphs, the largest heap grows for each further vector by at most what graphBytes counts, and the garbage of a fifth of
// the heap that memory.CollectEarly allows: one graph is held at a time. It also grows by half of that, so that the forecast is not
// far too large.
func TestMemoryForEachVector(t *testing.T) {
	defer memory.CollectEarly()()
	const few, many, d, m = 20_000, 60_000, 32, 16
	options := func(n int) Options {
		rng := rand.New(rand.NewPCG(1, 2))
		v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
		for i := range v.Data {
			v.Data[i] = rng.Float32()
		}
		return Options{Name: "x", Base: v, Queries: ann.Vectors{N: 200, D: d, Data: v.Data[:200*d]}, K: []int{10}, M: []int{m},
			EfConstruction: []int{10}, Recall: .3, Share: .3, Builds: 2}
	}
	grown := func(o Options) float64 {
		runtime.GC()
		most := watchHeap()
		if _, err := Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		return most()
	}
	less, more := options(few), options(many)
	grown(less) // allocates what all later searches share
	perVector := (grown(more) - grown(less)) / (many - few)
	counted := float64(more.graphBytes(200)-less.graphBytes(200)) / (many - few)
	t.Logf("%.0f bytes for each vector, %.0f are counted", perVector, counted)
	if perVector < .5*counted || perVector > counted+.2*(counted+4*d) {
		t.Errorf("%.0f bytes for each vector, but %.0f are counted", perVector, counted)
	}
}

// watchHeap returns a function that returns how many bytes the heap held at most since then, in addition to what it held before.
func watchHeap() func() float64 {
	read := func() float64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return float64(s[0].Value.Uint64())
	}
	before := read()
	largest, stop := before, make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				largest = max(largest, read())
			}
		}
	})
	return func() float64 {
		close(stop)
		group.Wait()
		return largest - before
	}
}
