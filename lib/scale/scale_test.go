package scale_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/command"
	"anncapacity/lib/scale"
)

// asProgram is an environment variable that makes the test program run the command anncapacity.
const asProgram = "ANNCAPACITY_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(command.Main(nil, command.Drivers{}))
	}
	os.Exit(m.Run())
}

// program returns the command line and the environment of a worker.
func program(t testing.TB) (args, env []string) {
	t.Helper()
	itself, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{itself, "scale", "task"}, []string{asProgram + "=1"}
}

// worker returns a process of scale task.
func worker(t testing.TB, args ...string) (cmd *exec.Cmd, out, log *bytes.Buffer) {
	t.Helper()
	line, env := program(t)
	cmd = exec.Command(line[0], append(line[1:], args...)...)
	out, log = &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), out, log
	return cmd, out, log
}

// local returns the runner of processes of the test program.
func local(t testing.TB, log *bytes.Buffer) *scale.Local {
	args, env := program(t)
	l := &scale.Local{Program: args, Env: env}
	if log != nil {
		l.Log = log
	}
	return l
}

// points returns vectors of small integers: many distances are equal, and every tenth vector occurs twice.
func points(n, d int) ann.Vectors {
	rng := rand.New(rand.NewPCG(7, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(rng.IntN(7) + 1)
	}
	for i := 10; i < n; i += 10 {
		copy(v.Row(i), v.Row(i-7))
	}
	return v
}

// store writes vectors into a folder of shards of about equal size and returns it.
func store(t testing.TB, v ann.Vectors, shards int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range shards {
		from, to := i*v.N/shards, (i+1)*v.N/shards
		part := ann.Vectors{N: to - from, D: v.D, Data: v.Data[from*v.D : to*v.D]}
		if err := embedding.Write(filepath.Join(dir, fmt.Sprintf("part-%02d.npy", i)), part, make([]embedding.Row, part.N)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// plan returns the plan of exact neighbours with the given division.
func plan(t testing.TB, o scale.ExactOptions, baseBlock int) *scale.Plan {
	t.Helper()
	p, err := scale.PlanExact(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	p.Exact.BaseBlock = baseBlock
	return p
}

// created opens a new work folder for a plan.
func created(t testing.TB, p *scale.Plan) *scale.Work {
	t.Helper()
	w, err := scale.CreateWork(t.Context(), filepath.Join(t.TempDir(), "work"), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// inProcess is a Runner that computes in the test's own process.
type inProcess struct{}

func (inProcess) Run(ctx context.Context, work string, tasks []string, _ int, done func(string)) error {
	w, err := scale.OpenWorker(ctx, work, scale.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	for _, task := range tasks {
		if _, err := w.Do(ctx, task); err != nil {
			return err
		}
		done(task)
	}
	return nil
}

// merged runs a job and returns the bytes of its two files, and its report.
func merged(t testing.TB, w *scale.Work, r scale.Runner, workers int) ([]byte, *scale.Report) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "truth.ivecs")
	report, err := w.Run(t.Context(), scale.Job{Runner: r, Workers: workers, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	return files(t, out), report
}

// files returns the bytes of FILE.ivecs and FILE.fvecs.
func files(t testing.TB, out string) []byte {
	t.Helper()
	var all []byte
	for _, path := range embedding.NeighborOutputs(out) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return all
}

// want returns the bytes that package exact's lists have in files. rows are the rows of v that are asked; nil means all.
func want(t testing.TB, v ann.Vectors, rows []int32, k int, metric ann.Metric) []byte {
	t.Helper()
	x, err := exact.NewMetric(v, metric)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := x.SearchAll(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if rows != nil {
		all := lists
		lists = nil
		for _, row := range rows {
			lists = append(lists, all[row])
		}
	}
	out := filepath.Join(t.TempDir(), "want.ivecs")
	if err := embedding.WriteNeighbors(out, lists); err != nil {
		t.Fatal(err)
	}
	return files(t, out)
}

// names returns the names of the files below a folder.
func names(t testing.TB, folder string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	slices.Sort(all)
	return all
}
