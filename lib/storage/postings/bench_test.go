package postings

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/walk"
)

// BenchmarkRead times reads of as many random units as the depth at once. It reports the median and the 90th percentile.
func BenchmarkRead(b *testing.B) {
	base := randomBytes(1_000_000, 128, 1)
	for _, kib := range []int{4, 16, 64, 256} {
		path := filepath.Join(b.TempDir(), "vectors")
		l := inPages(base.N, slots(kib/4, 128, 1))
		if err := Create(b.Context(), path, base, l, CreateOptions{}); err != nil {
			b.Fatal(err)
		}
		for _, access := range []Access{Direct, Evicted, Cached} {
			for _, depth := range []int{1, 4, 16} {
				b.Run(fmt.Sprintf("%dKiB/%s/%d", kib, []string{"", "direct", "evicted", "cached"}[access], depth), func(b *testing.B) {
					timeReads(b, opened(b, path, Options{Access: access, Depth: depth}), depth)
				})
			}
		}
		os.Remove(path)
	}
}

func timeReads(b *testing.B, f *File, depth int) {
	units, times := make([]int32, depth), []time.Duration(nil)
	var cost Cost
	for b.Loop() {
		for i := range units {
			units[i] = rand.Int32N(int32(f.Units))
		}
		began := time.Now()
		if err := f.Read(context.Background(), units, &cost, func(walk.Unit) error { return nil }); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(times[len(times)*9/10].Nanoseconds())/1e3, "p90-µs")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkScan times the comparison of a query with the vectors of a unit.
func BenchmarkScan(b *testing.B) {
	for name, base := range map[string]ann.Coordinates{"uint8": randomBytes(3100, 128, 1), "float32": randomFloats(3100, 128, 1)} {
		s, err := walk.NewScan(128, 10)
		if err != nil {
			b.Fatal(err)
		}
		query := ann.Query{Vector: base.Row(7, make([]float32, 128))}
		u := walk.Unit{IDs: all(base.N), Vectors: base}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := s.Reset(query); err != nil {
					b.Fatal(err)
				}
				s.Add(u)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/3100, "ns/vector")
		})
	}
}
