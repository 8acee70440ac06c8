package compare

import (
	"context"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/own"
	"anncapacity/lib/engine/trees"
)

// scan is an exact engine that filters and deletes by brute force, with faults that a test sets.
type scan struct {
	base       ann.Vectors
	attributes []int32
	gone       map[int32]bool
	wrong      bool // a search ignores its filter, and deletions
	short      int  // number of answers that it leaves out
	fail       error
	built      int
}

func (x *scan) SetEfSearch(int) error { return nil }
func (x *scan) Size() engine.Size     { return engine.Size{} }
func (x *scan) Close() error          { return nil }
func (x *scan) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	return x.AskBelow(ctx, query, k, math.MaxInt32)
}

func (x *scan) AskBelow(_ context.Context, query []float32, k int, below int32) (a engine.Answer, _ error) {
	var all ann.Neighbors
	for id := range x.base.N {
		if x.wrong || x.attributes[id] < below && !x.gone[int32(id)] {
			all = append(all, ann.Neighbor{ID: int32(id), Distance: ann.L2(query, x.base.Row(id))})
		}
	}
	all.Sort()
	for _, n := range all[:max(0, min(k, len(all))-x.short)] {
		a.IDs = append(a.IDs, n.ID)
	}
	return a, x.fail
}

func (x *scan) Delete(_ context.Context, ids []int32) error {
	for _, id := range ids {
		x.gone[id] = true
	}
	return nil
}

func (x *scan) engine(name string) engine.Engine {
	return engine.Engine{
		Key: strings.ToLower(name), Name: name, Family: name, Policy: engine.Exact, Metrics: ann.Metrics, Filter: "WHERE", Delete: "DELETE",
		Version: func() string { return "1" },
		Open: func(_ context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
			x.built++
			x.base, x.attributes, x.gone = base, o.Attributes, make(map[int32]bool)
			return x, nil
		},
	}
}

func filtered(t *testing.T, o Options) []FilterRecord {
	t.Helper()
	rows, err := Filters(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// A search by brute force is full and true under every restriction; the project's index nearly is. A second run reads the records.
func TestFilters(t *testing.T) {
	right := &scan{}
	o := Options{Base: clusters(1000, 12), Engines: []engine.Engine{right.engine("Right"), own.Engines()[2], trees.Engines()[0]}, Sample: 40, Out: t.TempDir()}
	rows := filtered(t, o)
	if len(rows) != 7*2+7*4+8*2 { // the trees have neither a filter nor a deletion; filters by position are for approximate engines
		t.Fatalf("%d records", len(rows))
	}
	allowed := map[string][]int{}
	for _, r := range rows {
		if r.Engine == "Right" && (r.Overlap != 1 || r.Fill != 1 || r.FillMin != 1 || r.EfSearch != 0) ||
			r.Engine != "Right" && r.EfSearch == 200 && (r.Overlap < .95 || r.Fill < .95) || r.Wrong != 0 || r.Error != "" || r.PerSecond <= 0 ||
			r.Correlation == Anywhere && (r.Queries != 40 || r.Nearby < 0 || math.Abs(r.Nearby-float64(r.Allowed)/1000) > .1) {
			t.Errorf("%+v", r)
		}
		if r.Engine == "Right" && r.K == 10 {
			allowed[r.Kind] = append(allowed[r.Kind], r.Allowed)
		}
	}
	if want := map[string][]int{Filtered: {10, 100, 500, 1000}, Deleted: {1000, 900, 500}}; !reflect.DeepEqual(allowed, want) {
		t.Errorf("allowed points %v, want %v", allowed, want)
	}
	again := filtered(t, o)
	if stored, err := ReadFilters(o.Out); err != nil || !reflect.DeepEqual(stored, again) || !reflect.DeepEqual(again, rows) || right.built != 1 {
		t.Errorf("the records were not read: built %d, %v", right.built, err)
	}
}

// Points that may not be answers are counted and fill no slot; short answers have a fill below 1; errors are in the records.
func TestFiltersShowWhatIsWrong(t *testing.T) {
	base := clusters(1000, 12)
	of := func(x *scan) []FilterRecord {
		return filtered(t, Options{Base: base, Engines: []engine.Engine{x.engine("Toy")}, Sample: 40, Out: t.TempDir()})
	}
	for _, r := range of(&scan{wrong: true}) {
		none := r.Allowed == base.N
		if none != (r.Wrong == 0) || none != (r.Fill == 1) || r.Overlap > r.Fill {
			t.Errorf("wrong: %+v", r)
		}
	}
	for _, r := range of(&scan{short: 5}) {
		if r.K == 10 && r.Allowed > 10 && (r.Fill > .6 || r.Fill < .49 || r.Overlap != r.Fill || r.Wrong != 0) {
			t.Errorf("short: %+v", r)
		}
	}
	for _, r := range of(&scan{fail: os.ErrPermission}) {
		if !strings.Contains(r.Error, "permission") || !math.IsNaN(r.Fill) {
			t.Errorf("fails: %+v", r)
		}
	}
}

// An engine that cannot be built has one record, which is not kept.
func TestFiltersFailedBuild(t *testing.T) {
	x := &scan{}
	failing := x.engine("Toy")
	failing.Open = func(context.Context, ann.Vectors, engine.Options) (engine.Adapter, error) {
		return nil, os.ErrPermission
	}
	o := Options{Base: clusters(300, 12), Engines: []engine.Engine{failing}, Sample: 20, Out: t.TempDir()}
	if rows := filtered(t, o); len(rows) != 1 || rows[0].Kind != "" || !strings.Contains(rows[0].Error, "Toy: ") {
		t.Errorf("%+v", rows)
	}
	o.Engines = []engine.Engine{x.engine("Toy")}
	if rows := filtered(t, o); x.built != 1 || slices.ContainsFunc(rows, func(r FilterRecord) bool { return r.Error != "" }) {
		t.Errorf("built %d: %+v", x.built, rows)
	}
	o.Engines = trees.Engines()
	if _, err := Filters(t.Context(), o); err == nil || !strings.Contains(err.Error(), "filter or a deletion") {
		t.Error(err)
	}
	o.Queries = o.Base
	if _, err := Filters(t.Context(), o); err == nil || !strings.Contains(err.Error(), "drawn from the points") {
		t.Error(err)
	}
}
