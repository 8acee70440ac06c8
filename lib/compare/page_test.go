package compare_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/engines"
	"anncapacity/lib/engine/own"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/internal/testkit"
)

// docs/engines.md is what the engines' fields and docs/engine_policies.csv give. Each observation is one that its engine's
// documentation allows.
func TestPageOfEngines(t *testing.T) {
	docs := filepath.Join(testkit.Root(t), "docs")
	seen, err := compare.ReadObservations(docs)
	if err != nil || len(seen) == 0 {
		t.Fatalf("%d observations: %v", len(seen), err)
	}
	var want bytes.Buffer
	if err := compare.WritePage(&want, engines.All(), seen); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(docs, "engines.md"))
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("engines.md is not up to date (%v): run `anncapacity engines -policies -out docs`", err)
	}
	for _, o := range seen {
		i := slices.IndexFunc(engines.All(), func(e engine.Engine) bool { return e.Key == o.Key })
		if i < 0 {
			t.Errorf("no engine has the key %s", o.Key)
			continue
		}
		e := engines.All()[i]
		if shows := append(slices.Clone(e.Trial.Shows), e.Policy); !slices.Contains(shows, o.Observed) || o.Version == "" || len(o.Date) != len("2006-01-02") {
			t.Errorf("%s: documented %q, observed %+v", e.Name, e.Policy, o)
		}
	}
}

// ObserveAll asks the engines that it is given and that are available. The other rows stay, except those of unknown engines. The
// error of one engine does not lose the rows of the others.
func TestObserveAll(t *testing.T) {
	all := own.Engines()
	truncates := slices.IndexFunc(all, func(e engine.Engine) bool { return e.Policy == engine.Truncates })
	rejects := slices.IndexFunc(all, func(e engine.Engine) bool { return e.Policy == engine.Rejects })
	missing, failing := all[truncates], all[truncates]
	missing.Key, missing.Absent = "missing", func() error { return errors.New("is not there") }
	failing.Key, failing.Version = "failing", func() string { return "0" }
	failing.Name = "failing engine"
	failing.Open = func(context.Context, ann.Vectors, engine.Options) (engine.Adapter, error) {
		return nil, errors.New("no memory")
	}
	all = append(all, missing, failing)
	before := []compare.Observation{{Key: "unknown"}, {Key: "missing", Date: "2001-02-03"}, {Key: all[0].Key, Date: "2001-02-03"}, {Key: "failing", Date: "2001-02-03"}}
	var reported []string
	var stored [][]compare.Observation
	rows, err := compare.ObserveAll(t.Context(), all, []engine.Engine{all[truncates], all[rejects], missing, failing}, before,
		func(e engine.Engine, err error) { reported = append(reported, e.Key) },
		func(rows []compare.Observation) error { stored = append(stored, rows); return nil })
	if err == nil || !strings.Contains(err.Error(), "failing engine") || !strings.Contains(err.Error(), "no memory") {
		t.Errorf("%v", err)
	}
	byKey := map[string]compare.Observation{}
	for _, o := range rows {
		byKey[o.Key] = o
	}
	short, refused := byKey[all[truncates].Key], byKey[all[rejects].Key]
	if short.Observed != engine.Truncates || short.Returned != 20 || short.K != 400 || short.EfSearch != 20 || short.Version == "" {
		t.Errorf("%+v", short)
	}
	if refused.Observed != engine.Rejects || refused.Error == "" || !math.IsNaN(refused.Overlap) {
		t.Errorf("%+v", refused)
	}
	if len(rows) != 5 || byKey["missing"].Date != "2001-02-03" || byKey[all[0].Key].Date != "2001-02-03" || byKey["failing"].Date != "2001-02-03" || len(reported) != 4 {
		t.Errorf("%+v, asked %v", rows, reported)
	}
	if len(stored) != 2 || len(stored[0]) != 4 || len(stored[1]) != 5 || stored[0][1].Key != all[truncates].Key {
		t.Errorf("stored after each engine: %+v", stored)
	}
	dir := t.TempDir()
	if err := table.Write(compare.ObservationTable(dir, rows)); err != nil {
		t.Fatal(err)
	}
	if back, err := compare.ReadObservations(dir); err != nil || len(back) != len(rows) || back[0].Key != rows[0].Key {
		t.Errorf("%+v, %v", back, err)
	}
}
