package scale_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/growth"
	"anncapacity/lib/scale"
)

// BenchmarkOverhead compares scale exact, divided as by default, with exact in one process on the same cores: 10⁶ × 128 vectors, k 100,
// and 10,000 queries for each worker, in tasks of ten seconds or more on a core. Both write the same files. Each round runs both. It reports the
// medians of the ratios of their processor times, with all child processes, and of their times, and beside the memory that the plan
// states the largest resident memory of a worker. It takes minutes:
//
//	go test -run '^$' -bench Overhead -benchtime 3x -timeout 1h ./lib/scale
func BenchmarkOverhead(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) { overhead(b, 1_000_000, 10_000*workers, workers) })
	}
}

// TestOverhead runs the benchmark at a small size: its programs must give the same files.
func TestOverhead(t *testing.T) { overhead(t, 3000, 40, 2) }

func overhead(t testing.TB, points, queries, workers int) {
	dir := t.TempDir()
	base, asked, err := growth.Vectors(growth.Clustered, points, queries, "")
	if err != nil {
		t.Fatal(err)
	}
	o := scale.ExactOptions{Embeddings: filepath.Join(dir, "base.npy"), Queries: filepath.Join(dir, "queries.npy"), K: 100, Workers: workers}
	for path, v := range map[string]ann.Vectors{o.Embeddings: base, o.Queries: asked} {
		if err := embedding.Write(path, v, make([]embedding.Row, v.N)); err != nil {
			t.Fatal(err)
		}
	}
	var cpu, wall []float64
	round := func() {
		work := filepath.Join(t.TempDir(), "work")
		args := []string{"--embeddings", o.Embeddings, "--queries", o.Queries, "--k", fmt.Sprint(o.K)}
		oneCPU, oneWall, one := compute(t, workers, append([]string{"exact"}, args...))
		manyCPU, manyWall, many := compute(t, workers, append([]string{"scale", "exact", "--work", work, "--workers", fmt.Sprint(workers)}, args...))
		if !slices.Equal(one, many) {
			t.Fatal("exact and scale exact wrote different files")
		}
		cpu, wall = append(cpu, manyCPU.Seconds()/oneCPU.Seconds()), append(wall, manyWall.Seconds()/oneWall.Seconds())
		t.Logf("processor time %.2f s, exact %.2f s; time %.2f s, exact %.2f s", manyCPU.Seconds(), oneCPU.Seconds(), manyWall.Seconds(), oneWall.Seconds())
	}
	b, timed := t.(*testing.B)
	if !timed {
		round()
		return
	}
	for b.Loop() {
		round()
	}
	p, err := scale.PlanExact(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(middle(cpu), "CPU-ratio")
	b.ReportMetric(middle(wall), "time-ratio")
	b.ReportMetric(float64(p.Cost().Memory)/1e6, "plan-MB")
	b.ReportMetric(float64(peak(b, created(b, p).Location, p.Tasks()[0]))/1e6, "worker-MB")
}

// compute runs a command of the program on the given number of cores. It returns its times and the bytes of the files that it writes.
func compute(t testing.TB, cores int, args []string) (cpu, wall time.Duration, written []byte) {
	t.Helper()
	line, env := program(t)
	out := filepath.Join(t.TempDir(), "truth.ivecs")
	cmd := exec.Command(line[0], append(args, "--out", out)...)
	cmd.Env = append(append(os.Environ(), env...), fmt.Sprintf("GOMAXPROCS=%d", cores))
	begun := time.Now()
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s", args, err, text)
	}
	wall = time.Since(begun)
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall, files(t, out)
}

// middle returns the median.
func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
