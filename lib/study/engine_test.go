package study

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/exact"
	"anncapacity/lib/fidelity"
)

// exactly is an engine that returns the min(k, efSearch) nearest points, as engines with the policy Truncate do.
type exactly struct {
	base     ann.Vectors
	efSearch int
	closed   *int
}

func (x *exactly) SetEfSearch(ef int) error { x.efSearch = ef; return nil }
func (x *exactly) Size() engine.Size        { return engine.Size{} }
func (x *exactly) Close() error             { *x.closed++; return nil }

func (x *exactly) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	answers, err := x.AskBatch(ctx, ann.Vectors{N: 1, D: len(query), Data: query}, k)
	if err != nil {
		return engine.Answer{}, err
	}
	return answers[0], nil
}

func (x *exactly) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	answers := make([]engine.Answer, queries.N)
	for q := range answers {
		list, err := exact.New(x.base).Search(ann.Query{Vector: queries.Row(q)}, min(k, x.efSearch))
		if err != nil {
			return nil, err
		}
		for _, n := range list {
			answers[q].IDs = append(answers[q].IDs, n.ID)
		}
	}
	return answers, nil
}

func exactEngine(key string, closed *int) engine.Engine {
	return engine.Engine{
		Name: "Exactly", Key: key, Family: "Exactly", Policy: engine.Truncates, Documented: "truncates at efSearch", Metrics: ann.Metrics,
		Version: func() string { return "1" },
		Open: func(_ context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
			return &exactly{base: base, closed: closed}, nil
		},
	}
}

// An engine receives one query in ten, in run 0 of condition 1, with every efSearch and k. Its measures are computed like
// those of the project's own index.
func TestAnyEngine(t *testing.T) {
	closed := 0
	o := Options{Embeddings: vectors(t, 700), Out: t.TempDir(), Runs: 2, Subset: 600, Conditions: []string{"1"},
		Engines: []engine.Engine{exactEngine("exactly", &closed)}, Indexes: []string{"exactly"}}
	records, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 4*50 || closed != 1 {
		t.Fatalf("%d records, closed %d times", len(records), closed)
	}
	for _, r := range records {
		want := min(1, float64(r.EfSearch-1)/float64(r.K)) // the point itself takes a place
		if overlap := r.Of(fidelity.Overlap.Mean); r.Index != "exactly" || r.Queries != 60 || r.Run != 0 || overlap-want > 1e-12 || want-overlap > 1e-12 {
			t.Fatalf("%+v: overlap %v, want %v", r, overlap, want)
		}
	}
	if parts, _ := filepath.Glob(filepath.Join(o.Out, "parts", "*", "exactly-run00-condition1.csv")); len(parts) != 1 {
		t.Errorf("stored: %v", parts)
	}
}

func TestEnginesThatAreNot(t *testing.T) {
	closed := 0
	missing := exactEngine("missing", &closed)
	missing.Absent = func() error { return errors.New("missing is not installed") }
	for index, says := range map[string]string{"other": `"other"`, "": `""`, "missing": "not installed"} {
		o := Options{Embeddings: "never read", Out: t.TempDir(), Engines: []engine.Engine{missing, exactEngine("", &closed)}, Indexes: []string{IndexHNSW, index}}
		if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", index, err)
		}
	}
}

// Running conditions one after the other gives the same file as running them together.
func TestRecordsKeepOtherConditions(t *testing.T) {
	whole := Options{Embeddings: vectors(t, 700), Out: t.TempDir(), Runs: 2, Subset: 600, Conditions: []string{"1", "3"}}
	if _, err := Run(context.Background(), whole); err != nil {
		t.Fatal(err)
	}
	each := whole
	each.Out = t.TempDir()
	for _, c := range []string{"3", "1"} {
		each.Conditions = []string{c}
		records, err := Run(context.Background(), each)
		if err != nil || records[0].Condition != int(c[0]-'0') {
			t.Fatalf("condition %s: %v", c, err)
		}
	}
	if !bytes.Equal(recordsOf(t, whole.Out), recordsOf(t, each.Out)) {
		t.Error("the records of conditions run one after the other differ from those of one run")
	}
	parts, _ := filepath.Glob(filepath.Join(each.Out, "parts", "*", "*run01-condition3.csv"))
	if len(parts) != 1 {
		t.Fatal(parts)
	}
	if err := os.Remove(parts[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), each); err != nil { // a run of condition 3 is missing now
		t.Fatal(err)
	}
	if all, err := ReadRecords(filepath.Join(each.Out, RecordsFile)); err != nil || len(all) != 2*4*50 {
		t.Errorf("%d records, %v: want those of condition 1 alone", len(all), err)
	}
}
