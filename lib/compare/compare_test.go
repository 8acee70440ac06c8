package compare

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/coderhnsw"
	"anncapacity/lib/engine/own"
)

func clusters(n, d int) ann.Vectors {
	rng := rand.New(rand.NewPCG(1, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(5*((i/d)%7)*((i%d)%3)) + float32(rng.NormFloat64())
	}
	return v
}

func options(t *testing.T) Options {
	return Options{Base: clusters(1500, 24), Engines: append(own.Engines(), coderhnsw.Engines()...), K: []int{10, 50, 400}, EfSearch: 20,
		Sweep: []int{10, 100}, SweepK: []int{10}, Sample: 40, Out: t.TempDir(), Index: engine.Options{M: 8}}
}

// Observed recognises each of the project's four policies, exact search and coder/hnsw from their answers.
func TestObservedPolicies(t *testing.T) {
	o := options(t)
	result, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]engine.Policy{
		"anncapacity exact":         engine.Exact,
		"anncapacity HNSW Pad":      engine.Pads,
		"anncapacity HNSW Raise":    engine.Raises,
		"anncapacity HNSW Truncate": engine.Truncates,
		"anncapacity HNSW Reject":   engine.Rejects,
		coderhnsw.Engines()[0].Name: engine.IgnoresEfSearch,
	}
	for _, row := range result.Engines {
		if row.Observed != want[row.Engine] {
			t.Errorf("%s: %q, want %q", row.Engine, row.Observed, want[row.Engine])
		}
		delete(want, row.Engine)
	}
	if len(want) > 0 {
		t.Errorf("not measured: %v", want)
	}
	for _, r := range result.Records {
		switch {
		case r.Engine == "anncapacity exact" && (r.Overlap != 1 || r.Fill != 1):
			t.Errorf("exact search: %+v", r)
		case r.Engine == coderhnsw.Engines()[0].Name:
			if r.Disordered == 0 { // its answers are in the order of its heap
				t.Errorf("an answer in order: %+v", r)
			}
		case r.Error == "" && (r.Repeated != 0 || r.Disordered != 0 || r.Overlap > r.Fill):
			t.Errorf("%+v", r)
		case r.Error != "" && !strings.Contains(r.Error, "efSearch"):
			t.Errorf("an error without its reason: %+v", r)
		}
	}
	stored, err := Read(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(stored.Engines, result.Engines) || len(stored.Records) != len(result.Records) {
		t.Error("the files hold another result")
	}
}

// broken is an index that modifies the answers of another.
type broken struct {
	engine.Index
	spoil func(engine.Answer) engine.Answer
}

func (b broken) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	answers, err := b.Index.AskBatch(ctx, queries, k)
	for i := range answers {
		answers[i] = b.spoil(answers[i])
	}
	return answers, err
}

// The record of faulty answers has the faults: repeated IDs, disorder, padding, the query itself missing.
func TestRecordsShowWhatIsWrong(t *testing.T) {
	o := options(t)
	s, err := newSession(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	exact := o.Engines[0]
	index, err := exact.Build(context.Background(), o.Base, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	for name, c := range map[string]struct {
		spoil func(engine.Answer) engine.Answer
		right func(Record) bool
	}{
		"as it is": {func(a engine.Answer) engine.Answer { return a },
			func(r Record) bool {
				return r.Overlap == 1 && r.SelfMissing == 0 && r.Disordered == 0 && r.ReturnedMost == 11
			}},
		"repeated": {func(a engine.Answer) engine.Answer { a.IDs[5] = a.IDs[4]; return a },
			func(r Record) bool { return near(r.Repeated, 1./11) && near(r.Overlap, .9) && r.EmptyShare == 1 }},
		"disordered": {func(a engine.Answer) engine.Answer { a.IDs[1], a.IDs[10] = a.IDs[10], a.IDs[1]; return a },
			func(r Record) bool { return r.Disordered == 1 && r.Overlap == 1 }},
		"padded": {func(a engine.Answer) engine.Answer { a.IDs[9], a.IDs[10] = engine.Padding, engine.Padding; return a },
			func(r Record) bool {
				return near(r.Fill, .8) && near(r.FillMin, .8) && r.EmptyShare == 1 && r.ReturnedMost == 9
			}},
		"without the point": {func(a engine.Answer) engine.Answer { a.IDs = a.IDs[1:]; return a },
			func(r Record) bool { return r.SelfMissing == 1 && r.Overlap == 1 }},
	} {
		r, err := s.ask(context.Background(), exact, broken{index, c.spoil}, parameters{0, 10})
		if err != nil || !c.right(r) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// An engine that is missing, or cannot be built, has a row that says why. Stored records are read, not computed again.
func TestMissingFailingAndResumed(t *testing.T) {
	o := options(t)
	built := 0
	counted := o.Engines[1]
	inner := counted.Open
	counted.Open = func(ctx context.Context, base ann.Vectors, eo engine.Options) (engine.Adapter, error) {
		built++
		return inner(ctx, base, eo)
	}
	missing, failing := o.Engines[1], o.Engines[1]
	missing.Key, failing.Key = "absent", "failing"
	missing.Name, missing.Install = "absent", "apt-get install it"
	missing.Absent = func() error { return errors.New("is not there") }
	failing.Name, failing.Open = "failing", func(context.Context, ann.Vectors, engine.Options) (engine.Adapter, error) {
		return nil, errors.New("out of shared memory")
	}
	o.Engines = []engine.Engine{missing, failing, counted}
	for range 2 {
		result, err := Run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		rows := result.Engines
		if !strings.Contains(rows[0].Missing, "apt-get") || !strings.Contains(rows[1].Missing, "shared memory") || rows[2].Missing != "" {
			t.Errorf("%+v", rows)
		}
	}
	if built != 1 {
		t.Errorf("built %d times", built)
	}
	o.Base = clusters(1400, 24)
	if _, err := Run(context.Background(), o); err != nil || built != 2 {
		t.Errorf("other vectors: built %d times, %v", built, err)
	}
}

func TestBadOptions(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		says   string
	}{
		"k beyond n":      {func(o *Options) { o.K = []int{1500} }, "k = 1500"},
		"two points":      {func(o *Options) { o.Base, o.K = clusters(2, 4), nil; o.SweepK = nil }, "too few"},
		"a zero vector":   {func(o *Options) { o.Metric = ann.Cosine; clear(o.Base.Row(3)) }, "row 3"},
		"no folder there": {func(o *Options) { o.Out = os.DevNull }, os.DevNull},
	} {
		o := options(t)
		c.change(&o)
		if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(stopped, options(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// An engine that rejects a search has no overlap, which is not printed as NaN.
func TestPrintOfARejection(t *testing.T) {
	nan := math.NaN()
	r := Result{
		Engines: []Row{{Engine: "one", Observed: engine.Rejects}},
		Records: []Record{{Engine: "one", EfSearch: 50, K: 100, Overlap: nan, Fill: nan, BatchPerSecond: nan}},
	}
	var out bytes.Buffer
	if err := r.Print(&out); err != nil || strings.Contains(out.String(), "NaN") || strings.Count(out.String(), "–") != 3 {
		t.Errorf("%v\n%s", err, &out)
	}
}
