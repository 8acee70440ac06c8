package scale

import (
	"bytes"
	"strings"
	"testing"
)

// Times have a unit that suits them.
func TestDuration(t *testing.T) {
	for seconds, want := range map[float64]string{.0123: "0.0123 s", 119: "119 s", 120: "2 min", 5400: "90 min", 7200: "2 h", 3.33e7: "9250 h"} {
		if got := duration(seconds); got != want {
			t.Errorf("%v s: %s, want %s", seconds, got, want)
		}
	}
}

func TestPrintOfParts(t *testing.T) {
	p := &Plan{Version: Version, Kind: KindExact, Exact: &Exact{
		Base: Data{Location: "base", Kind: "float64", Rows: 1000, Dim: 8, Bytes: 32_000}, Queries: Queries{Sample: 100}, K: 10, Metric: "l2", QueryBlock: 50, BaseBlock: 1000, Parts: 1,
	}}
	for parts, want := range map[int]string{1: "2 tasks: 2 blocks of 50 queries, all vectors at once\n", 4: "8 tasks: 2 blocks of 50 queries, 4 parts of the vectors\n"} {
		p.Exact.Parts = parts
		var out bytes.Buffer
		p.Print(&out, 1, 2, Rates{})
		if !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "base: float64 is converted to float32: values of more than 24") {
			t.Errorf("%d parts: %s", parts, &out)
		}
	}
}
