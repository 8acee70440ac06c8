package scale_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/scale"
)

// A worker holds its queries, two blocks of the base and its answers, not the base: its largest resident memory does not grow with a
// base of 51 MB.
func TestMemoryOfAWorker(t *testing.T) {
	largest := func(rows int) int64 {
		t.Helper()
		v := points(200, 64)
		for v.N < rows {
			v.Data = append(v.Data, v.Data...)
			v.N *= 2
		}
		p := plan(t, scale.ExactOptions{Embeddings: store(t, v, 1), Queries: "4", K: 5}, 2048)
		w := created(t, p)
		return peak(t, w.Location, p.Tasks()[0])
	}
	few, many := largest(3_200), largest(204_800)
	t.Logf("%.0f MB with 3,200 rows, %.0f MB with 204,800", float64(few)/1e6, float64(many)/1e6)
	if many-few > 26<<20 {
		t.Errorf("a worker takes %.1f MB more for 51.6 MB more of the base", float64(many-few)/1e6)
	}
}

// peak returns the largest resident memory, in bytes, of a process that computes a task and then waits for another.
func peak(t testing.TB, work, task string) int64 {
	t.Helper()
	cmd, _, log := worker(t, "--work", work)
	cmd.Env, cmd.Stdout = append(cmd.Env, "GOGC=20"), nil
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(in, task)
	if !bufio.NewScanner(out).Scan() {
		t.Error("no answer")
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	in.Close()
	if err := errors.Join(err, cmd.Wait()); err != nil {
		t.Fatal(err, log)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}
