package scale_test

import (
	"strings"
	"testing"

	"anncapacity/lib/scale"
)

// One element of a Slurm array that is started again, as by sbatch --array=2, computes its own share, and says when nothing is left.
func TestElementOfAnArrayAgain(t *testing.T) {
	w := created(t, plan(t, scale.ExactOptions{Embeddings: store(t, points(60, 3), 2), Queries: "12", K: 3, QueryBlock: 2}, 64))
	share, err := w.Plan.Share(w.Plan.Tasks(), 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	element := func(id string) (string, string, error) {
		cmd, out, log := worker(t, "--work", w.Location, "--workers", "3")
		cmd.Env = append(cmd.Env, "SLURM_ARRAY_TASK_ID="+id, "SLURM_ARRAY_TASK_MIN="+id, "SLURM_ARRAY_TASK_MAX="+id, "SLURM_ARRAY_TASK_COUNT=1")
		err := cmd.Run()
		return out.String(), log.String(), err
	}
	if out, log, err := element("2"); err != nil || out != strings.Join(share, "\tcomputed\n")+"\tcomputed\n" {
		t.Errorf("%v: %q, %s", err, out, log)
	}
	if out, log, err := element("2"); err != nil || out != "" || log != "worker 2 of 3: none of its tasks is missing, there is nothing to do\n" {
		t.Errorf("again: %v: %q, %q", err, out, log)
	}
	if out, log, err := element("3"); err == nil || out != "" || !strings.Contains(log, "SLURM_ARRAY_TASK_MAX=3: want an index from 0 to 2") {
		t.Errorf("out of range: %v: %q, %s", err, out, log)
	}
}
