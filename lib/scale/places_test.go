package scale_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/scale"
)

// A job whose vectors and queries are moved continues at their new place; workers that reach them only at the former place do, too.
func TestDataElsewhere(t *testing.T) {
	o, v := small(t)
	o.Queries = store(t, v, 1)
	w := created(t, plan(t, o, 64))
	truth, report := merged(t, w, inProcess{}, 1)
	moved := o
	moved.Embeddings, moved.Queries = filepath.Join(t.TempDir(), "d"), filepath.Join(t.TempDir(), "q")
	rename := func(from, to scale.ExactOptions) {
		t.Helper()
		for a, b := range map[string]string{from.Embeddings: to.Embeddings, from.Queries: to.Queries} {
			if err := os.Rename(a, b); err != nil {
				t.Fatal(err)
			}
		}
	}
	rename(o, moved)
	again, err := scale.CreateWork(t.Context(), w.Location, plan(t, moved, 64))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	var head bytes.Buffer
	again.Plan.Print(&head, 0, 1, scale.Rates{})
	if !strings.Contains(head.String(), moved.Embeddings) || !strings.Contains(head.String(), moved.Queries) {
		t.Errorf("the head names other places: %s", &head)
	}
	for _, there := range []bool{true, false} {
		if !there {
			rename(moved, o)
		}
		if err := again.Forget(t.Context(), w.Plan.Tasks()[:2]...); err != nil {
			t.Fatal(err)
		}
		got, second := merged(t, again, local(t, nil), 1)
		if second.Computed != 2 || report.Computed != second.Tasks || !bytes.Equal(got, truth) {
			t.Errorf("at the new place: %v: %+v", there, second)
		}
	}
	rename(o, moved)
	if err := os.RemoveAll(moved.Embeddings); err != nil {
		t.Fatal(err)
	}
	_, err = scale.OpenWorker(t.Context(), w.Location, scale.Options{})
	if err == nil || !strings.Contains(err.Error(), o.Embeddings) || !strings.Contains(err.Error(), moved.Embeddings) {
		t.Errorf("data at no place: %v", err)
	}
}

// Photographs that are moved are read at their new place.
func TestPhotographsElsewhere(t *testing.T) {
	before, after := photographs(t, 3), filepath.Join(t.TempDir(), "p")
	o := scale.EmbedOptions{Dataset: before, Weights: "untrained", Batch: 2, Block: 2}
	p, err := scale.PlanEmbed(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	location := created(t, p).Location
	if err := os.Rename(before, after); err != nil {
		t.Fatal(err)
	}
	o.Dataset, o.Block = after, 3
	if p, err = scale.PlanEmbed(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	w, err := scale.CreateWork(t.Context(), location, p)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if w.Plan.Embed.Block != 2 || len(w.Plan.Tasks()) != 2 {
		t.Errorf("the stored division is not kept: %+v", w.Plan.Embed)
	}
	if _, err := w.Run(t.Context(), scale.Job{Runner: inProcess{}, Out: filepath.Join(t.TempDir(), "e.npy")}); err != nil {
		t.Error(err)
	}
}

// Of two runs that begin at the same time with different divisions, the second uses that of the first.
func TestDivisionOfAnEarlierRun(t *testing.T) {
	o, v := small(t)
	first := created(t, plan(t, o, 64))
	o.QueryBlock, o.Parts = 70, 1
	second, err := scale.CreateWork(t.Context(), first.Location, plan(t, o, 32))
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if second.Plan.Hash() != first.Plan.Hash() || len(second.Plan.Tasks()) != 6 {
		t.Errorf("%+v", second.Plan.Exact)
	}
	if got, _ := merged(t, second, inProcess{}, 1); !bytes.Equal(got, want(t, v, nil, 5, ann.Euclidean)) {
		t.Error("other neighbours")
	}
}
