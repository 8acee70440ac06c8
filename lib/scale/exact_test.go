package scale_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/scale"
)

// The files are those of package exact for every number of shards, whatever the division into tasks. The vectors are on a grid, so that
// package exact computes their distances without rounding errors, and have many ties.
func TestSameBytesForEveryNumberOfShards(t *testing.T) {
	v := points(403, 6)
	for metric, name := range map[ann.Metric]string{ann.Euclidean: "l2", ann.Cosine: "cosine", ann.InnerProduct: "ip"} {
		truth := want(t, v, nil, 9, metric)
		for i, shards := range []int{1, 2, 7, 16} {
			if name != "l2" && shards != 7 {
				continue // the data are read in the same way
			}
			o := scale.ExactOptions{Embeddings: store(t, v, shards), Queries: scale.AllQueries, K: 9, Metric: name, QueryBlock: 403 - 100*(i%2), Parts: 1 + i%3}
			got, report := merged(t, created(t, plan(t, o, 120+100*i)), inProcess{}, 1)
			if !bytes.Equal(got, truth) {
				t.Errorf("%s, %d shards: other neighbours than those of package exact", name, shards)
			}
			if report.Computed != report.Tasks || len(report.Repeated) > 0 || report.Hours <= 0 {
				t.Errorf("%+v", report)
			}
		}
	}
}

// On vectors that are not on a grid the files are those of one stream of package exact.
func TestSameBytesAsOneStream(t *testing.T) {
	v := points(300, 5)
	for i := range v.Data {
		v.Data[i] = v.Data[i]*.37 + float32(i%11)*1e-3
	}
	stream, err := exact.NewStream(v, 7, ann.Euclidean, exact.StreamOptions{})
	if err == nil {
		err = stream.Add(t.Context(), 0, v)
	}
	if err != nil {
		t.Fatal(err)
	}
	lists, err := stream.Neighbors()
	out := filepath.Join(t.TempDir(), "want.ivecs")
	if err == nil {
		err = embedding.WriteNeighbors(out, lists)
	}
	if err != nil {
		t.Fatal(err)
	}
	dir := store(t, v, 3)
	queries := store(t, v, 2) // the same vectors as queries from outside: nothing is left out
	got, _ := merged(t, created(t, plan(t, scale.ExactOptions{Embeddings: dir, Queries: queries, K: 7, QueryBlock: 200, Parts: 2}, 100)), inProcess{}, 1)
	if !bytes.Equal(got, files(t, out)) {
		t.Error("other neighbours than those of one stream")
	}
}

// A sample is drawn by its seed, in ascending order, and a query is not its own neighbour. Every runner writes the same bytes.
func TestSampleWithEveryRunner(t *testing.T) {
	v := points(350, 6)
	o := scale.ExactOptions{Embeddings: store(t, v, 3), Queries: "90", Seed: 5, K: 8, QueryBlock: 30, Parts: 2}
	p := plan(t, o, 400)
	rows, err := p.Exact.Rows()
	if err != nil || len(rows) != 90 || !slices.IsSorted(rows) || len(slices.Compact(slices.Clone(rows))) != 90 {
		t.Fatalf("rows %v: %v", rows, err)
	}
	truth := want(t, v, rows, 8, ann.Euclidean)
	got, report := merged(t, created(t, p), local(t, nil), 2)
	if !bytes.Equal(got, truth) || report.Tasks != 6 {
		t.Errorf("local: other neighbours than those of package exact, or %d tasks", report.Tasks)
	}
	w := created(t, p)
	var arrays []*exec.Cmd
	for i, name := range []string{"JOB_COMPLETION_INDEX=0", "SLURM_ARRAY_TASK_ID=1", "AWS_BATCH_JOB_ARRAY_INDEX=2"} {
		cmd, _, log := worker(t, "--work", w.Location, "--workers", "3")
		cmd.Env = append(cmd.Env, name)
		if err := cmd.Start(); err != nil {
			t.Fatal(i, err, log)
		}
		arrays = append(arrays, cmd)
	}
	got, report = merged(t, w, &scale.Indexed{Interval: 50 * time.Millisecond}, 0)
	if !bytes.Equal(got, truth) || len(report.Repeated) > 0 {
		t.Errorf("indexed: other neighbours than those of package exact, or tasks that were repeated: %v", report.Repeated)
	}
	for _, cmd := range arrays {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	other := plan(t, scale.ExactOptions{Embeddings: o.Embeddings, Queries: "90", Seed: 6, K: 8, QueryBlock: 30, Parts: 2}, 400)
	if again, _ := other.Exact.Rows(); slices.Equal(rows, again) {
		t.Error("another seed draws the same rows")
	}
}

// The file of rows names the row of each query.
func TestRowsOfASample(t *testing.T) {
	w := created(t, plan(t, scale.ExactOptions{Embeddings: store(t, points(60, 3), 2), Queries: "7", K: 3}, 64))
	out := filepath.Join(t.TempDir(), "t.ivecs")
	if _, err := w.Run(t.Context(), scale.Job{Runner: inProcess{}, Out: out}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(strings.TrimSuffix(out, ".ivecs") + ".rows.txt")
	rows, _ := w.Plan.Exact.Rows()
	if want := strings.Trim(strings.ReplaceAll(fmt.Sprintln(rows), " ", "\n"), "[]\n") + "\n"; err != nil || string(text) != want {
		t.Errorf("%q (%v), want %q", text, err, want)
	}
}

// A worker reads names from standard input and answers each.
func TestProtocolOfTask(t *testing.T) {
	w := created(t, plan(t, scale.ExactOptions{Embeddings: store(t, points(60, 3), 2), Queries: "7", K: 3, QueryBlock: 4}, 64))
	tasks := w.Plan.Tasks()
	for _, answer := range []string{"computed", "present"} {
		cmd, out, log := worker(t, "--work", w.Location)
		cmd.Stdin = strings.NewReader(tasks[1] + "\n\n" + tasks[0] + "\n")
		if err := cmd.Run(); err != nil || out.String() != tasks[1]+"\t"+answer+"\n"+tasks[0]+"\t"+answer+"\n" || log.Len() > 0 {
			t.Errorf("%v: %q, standard error %q", err, out, log)
		}
	}
	cmd, out, log := worker(t, "--work", w.Location, tasks[0], "exact-0123456789abcdef-000000")
	if err := cmd.Run(); err == nil || out.String() != tasks[0]+"\tpresent\n" || !strings.Contains(log.String(), "is not one of this plan") {
		t.Errorf("%v: %q, standard error %q", err, out, log)
	}
}
