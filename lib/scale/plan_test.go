package scale_test

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/scale"
)

// example returns a plan that needs no data.
func example() *scale.Plan {
	return &scale.Plan{Version: scale.Version, Kind: scale.KindExact, Exact: &scale.Exact{
		Base:    scale.Data{Location: "s3://bucket/base", Rows: 100_000_000, Dim: 2048, Bytes: 819_200_000_000, Fingerprint: "f"},
		Queries: scale.Queries{Sample: 10_000, Seed: 42}, K: 1000, Metric: "l2", QueryBlock: 2500, BaseBlock: 16384, Parts: 8,
	}}
}

// The name of a task depends on everything that its result depends on, and on nothing else.
func TestNamesOfTasks(t *testing.T) {
	before := example()
	if err := before.Check(); err != nil {
		t.Fatal(err)
	}
	tasks := before.Tasks()
	if len(tasks) != 32 || !regexp.MustCompile(`^exact-[0-9a-f]{16}-000031$`).MatchString(tasks[31]) {
		t.Fatalf("%d tasks, the last is %s", len(tasks), tasks[31])
	}
	for name, c := range map[string]struct {
		change func(e *scale.Exact)
		same   bool
	}{
		"location": {func(e *scale.Exact) { e.Base.Location = "/elsewhere" }, true}, "base block": {func(e *scale.Exact) { e.BaseBlock = 1 }, true},
		"fingerprint": {func(e *scale.Exact) { e.Base.Fingerprint = "g" }, false}, "k": {func(e *scale.Exact) { e.K = 999 }, false},
		"metric": {func(e *scale.Exact) { e.Metric = "ip" }, false}, "seed": {func(e *scale.Exact) { e.Queries.Seed = 1 }, false},
		"query block": {func(e *scale.Exact) { e.QueryBlock = 2000 }, false}, "parts": {func(e *scale.Exact) { e.Parts = 4 }, false},
		"all": {func(e *scale.Exact) { e.Queries = scale.Queries{} }, false},
	} {
		p := example()
		if c.change(p.Exact); (p.Hash() == before.Hash()) != c.same {
			t.Errorf("%s: hash %s, before %s", name, p.Hash(), before.Hash())
		}
	}
}

func TestNumberShareAndMissing(t *testing.T) {
	p := example()
	tasks := p.Tasks()
	for i, task := range tasks {
		if n, err := p.Number(task); err != nil || n != i {
			t.Errorf("%s: %d, %v", task, n, err)
		}
	}
	for task, says := range map[string]string{
		tasks[0][:len(tasks[0])-6] + "000032": "has 32 tasks", tasks[0] + "0": "is not the number", "exact-0000000000000000-000000": "is not one of this plan", "": "is not one of this plan",
	} {
		if _, err := p.Number(task); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", task, err, says)
		}
	}
	if missing := p.Missing(append(slices.Clone(tasks[3:30]), "exact-0000000000000000-000000", "other")); !slices.Equal(missing, append(slices.Clone(tasks[:3]), tasks[30:]...)) {
		t.Errorf("missing %v", missing)
	}
	var all []string
	for i := range 5 {
		share, err := p.Share(tasks, i, 5)
		later, _ := p.Share(tasks[7:], i, 5)
		if err != nil || len(share) < 6 || len(later) > 0 && !slices.Contains(share, later[0]) {
			t.Errorf("share %d is %v, later %v (%v)", i, share, later, err)
		}
		all = append(all, share...)
	}
	if slices.Sort(all); !slices.Equal(all, tasks) {
		t.Errorf("the shares are %v", all)
	}
	for _, index := range []int{-1, 5} {
		if _, err := p.Share(tasks, index, 5); err == nil {
			t.Errorf("a share of worker %d of 5", index)
		}
	}
}

// The cost of the example: 10,000 queries against 10⁸ × 2048.
func TestCost(t *testing.T) {
	c := example().Cost()
	if c.Tasks != 32 || math.Abs(c.FLOP/4.096e15-1) > 1e-9 {
		t.Errorf("%+v", c)
	}
	if want := 4*819.2e9 + 8*10_000*2048*4; math.Abs(c.Read/want-1) > 1e-9 { // each of 4 blocks reads the base, each of 8 parts all queries
		t.Errorf("%g bytes are read, want %g", c.Read, want)
	}
	if s := c.Seconds(scale.Rates{FLOP: 1e12, Read: 1e12}); math.Abs(s/4096-1) > 1e-9 {
		t.Errorf("%g s, bound by computing", s)
	}
	if s := c.Seconds(scale.Rates{FLOP: 1e18, Read: 1e9}); math.Abs(s/(c.Read/1e9)-1) > 1e-9 {
		t.Errorf("%g s, bound by reading", s)
	}
}

// The standard error is that of values 0 and 1 in equal shares, the largest possible, drawn without replacement.
func TestStandardError(t *testing.T) {
	if se := example().Exact.StandardError(); se > .005 || se < .00499 {
		t.Errorf("10,000 of 10⁸: %v", se)
	}
	e := &scale.Exact{Base: scale.Data{Rows: 400}, Queries: scale.Queries{Sample: 100}}
	rng := rand.New(rand.NewPCG(1, 0))
	const draws = 20_000
	sum := 0.
	for range draws {
		mean := 0.
		for _, row := range rng.Perm(400)[:100] {
			mean += float64(row%2) / 100
		}
		sum += (mean - .5) * (mean - .5)
	}
	if simulated := math.Sqrt(sum / draws); math.Abs(e.StandardError()/simulated-1) > .03 {
		t.Errorf("%v, simulated %v", e.StandardError(), simulated)
	}
	if e.Queries.Sample = 400; e.StandardError() != 0 {
		t.Error("all rows have a standard error")
	}
}

// The division keeps all workers busy and within the memory, and reads large data few times.
func TestDivision(t *testing.T) {
	v := points(1000, 4)
	dir := store(t, v, 2)
	for _, c := range []struct {
		o             scale.ExactOptions
		blocks, parts int
	}{
		{scale.ExactOptions{Queries: "200"}, 1, 1}, {scale.ExactOptions{Queries: "all", Workers: 1}, 1, 1}, {scale.ExactOptions{Queries: "all", Workers: 9}, 3, 1},
		{scale.ExactOptions{Queries: "all", Memory: 2_000_000}, 6, 1}, {scale.ExactOptions{QueryBlock: 500, Parts: 3}, 2, 3},
	} {
		c.o.Embeddings, c.o.K = dir, 10
		p, err := scale.PlanExact(t.Context(), c.o)
		if err != nil {
			t.Fatal(err)
		}
		if blocks := len(p.Tasks()) / p.Exact.Parts; blocks != c.blocks || p.Exact.Parts != c.parts {
			t.Errorf("%+v: %d blocks of %d, %d parts", c.o, blocks, p.Exact.QueryBlock, p.Exact.Parts)
		}
		if c.o.Memory > 0 && p.Cost().Memory > c.o.Memory {
			t.Errorf("%d bytes of %d", p.Cost().Memory, c.o.Memory)
		}
		again, err := scale.PlanExact(t.Context(), scale.ExactOptions{Embeddings: dir, K: 10, Queries: c.o.Queries, Workers: 100})
		if err != nil {
			t.Fatal(err)
		}
		if continued, ok := again.Continue(p); !ok || continued.Hash() != p.Hash() {
			t.Errorf("%+v: another number of workers does not continue: %v", c.o, err)
		}
	}
	for says, o := range map[string]scale.ExactOptions{
		"k = 1000": {Queries: "all", K: 1000}, "0 queries: want 1 to 1000": {Queries: "0", K: 1}, "-5 queries": {Queries: "-5", K: 1}, "1001 queries": {Queries: "1001", K: 1},
		"neither a whole number":                                     {Queries: "1e3", K: 1},
		"-parts 2000: want at most one for each of the 1000 vectors": {Queries: "all", K: 1, Parts: 2000}, "metric": {K: 1, Metric: "l3"},
		"4 dimensions": {K: 1, Queries: store(t, points(10, 3), 1)},
	} {
		o.Embeddings = dir
		if _, err := scale.PlanExact(t.Context(), o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want %q", o, err, says)
		}
	}
	if _, err := scale.PlanExact(t.Context(), scale.ExactOptions{Embeddings: filepath.Join(dir, "none")}); err == nil {
		t.Error("a plan without data")
	}
}

func TestIndex(t *testing.T) {
	for _, c := range []struct {
		env  string
		want int
		says string
	}{
		{"JOB_COMPLETION_INDEX=3", 3, ""}, {"SLURM_ARRAY_TASK_ID=3", 3, ""},
		{"SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=3 SLURM_ARRAY_TASK_COUNT=1", 3, ""},
		{"AWS_BATCH_JOB_ARRAY_INDEX=0", 0, ""}, {"", 0, "none of"}, {"JOB_COMPLETION_INDEX=x", 0, "JOB_COMPLETION_INDEX=x"}, {"SLURM_ARRAY_TASK_ID=-1", 0, "SLURM_ARRAY_TASK_ID=-1"},
		{"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MAX=4", 0, "SLURM_ARRAY_TASK_MAX=4: want an index from 0 to 3, because there are 4 workers"},
		{"SLURM_ARRAY_TASK_ID=4", 0, "SLURM_ARRAY_TASK_ID=4"}, {"JOB_COMPLETION_INDEX=4", 0, "JOB_COMPLETION_INDEX=4"},
	} {
		index, err := scale.Index(func(name string) string { return value(c.env, name) }, 4)
		if index != c.want || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %d, %v", c.env, index, err)
		}
	}
}

// value returns the value of a variable in NAME=VALUE pairs.
func value(env, name string) string {
	for _, pair := range strings.Fields(env) {
		if n, v, _ := strings.Cut(pair, "="); n == name {
			return v
		}
	}
	return ""
}
