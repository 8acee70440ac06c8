package hnsw

import (
	"math"
	"runtime"
	"testing"
	"unsafe"
)

// The forecast of a graph is its size within 2 %. That of a build is at least what the build allocates on Go's heap, apart from
// 0.5 MB of garbage, and at most a tenth more. n = 12000, d = 4, M = 8. The codes are not on the heap.
func TestFootprint(t *testing.T) {
	const n, d, garbage = 12000, 4, 500e3
	v := clusters(n, d, 6)
	for i := AsFAISS; i <= AsHNSWLibSorted; i++ {
		o := Options{M: 8, EfConstruction: 20, Insertion: i}
		space := OnVectors(v)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		g := build(t, space, o)
		runtime.ReadMemStats(&after)
		held := float64(len(g.level)) + float64(len(g.above))*float64(unsafe.Sizeof(g.above[0])) + 4*float64(len(g.links))
		if forecast := float64(o.GraphBytes(n)); math.Abs(forecast/held-1) > .02 {
			t.Errorf("%v: a graph of %.0f bytes, %.0f in the forecast", i, held, forecast)
		}
		built, forecast := float64(after.TotalAlloc-before.TotalAlloc), float64(o.BuildBytes(n, d))
		if o.allowsCodes(n) {
			forecast -= float64(n * encode(v, 0).width)
		}
		if t.Logf("%v: %.0f bytes allocated, %.0f in the forecast", i, built, forecast); built > forecast+garbage || forecast > 1.1*built {
			t.Errorf("%v: the build allocates %.0f bytes, %.0f in the forecast", i, built, forecast)
		}
	}
}

// The slots of a node follow those of all earlier nodes, also in the last block, which is not full, and for the highest levels.
func TestFirst(t *testing.T) {
	level := make([]uint8, 3*levelBlock+5)
	for i := range level {
		level[i] = uint8(255 - 7*i)
	}
	g := emptyGraph(Options{M: 3}, level, 5)
	want := 0
	for id := range level {
		if got := g.first(int32(id)); got != want {
			t.Fatalf("node %d: first slot %d, want %d", id, got, want)
		}
		want += 5 + 3*int(level[id])
	}
	if g.size() != want {
		t.Errorf("%d slots, want %d", g.size(), want)
	}
}
