package claims

import (
	"strings"
	"testing"

	"anncapacity/lib/capacity"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/study"
)

// publishedEvidence returns records with the authors' own numbers, and tables in which the selection rule has an effect.
func publishedEvidence() Evidence {
	e := Evidence{Dataset: "stl10", Weights: "imagenet1k_v2"}
	for _, r := range study.Published() {
		for run := range 2 {
			record := study.Record{
				Index: study.IndexHNSW, Run: run, Condition: r.Condition, Parameter: r.Parameter, Value: r.Value, K: r.K,
			}
			record.Set(fidelity.Overlap.Mean, r.Overlap)
			record.Set(fidelity.EmptyShare.Mean, float64(r.FailedRuns))
			record.Set(fidelity.DistanceRatio.Mean, 1.01)
			record.Set(fidelity.LID.ExactMean, r.LIDExact)
			record.Set(fidelity.LID.Mean, r.LIDANN)
			record.Set(fidelity.PublishedDistance.ExactMean, r.DistanceExact)
			record.Set(fidelity.PublishedDistance.Mean, r.DistanceANN)
			if r.Condition == 1 {
				record.EfSearch = int(r.Value)
			}
			e.Records = append(e.Records, record)
			if r.Condition == 3 {
				e.AsPublished = append(e.AsPublished, record)
			}
		}
	}
	e.Capacity = &capacity.Results{
		HardFailure: []capacity.HardFailureRow{
			{M: study.M, EfConstruction: 200, EfSearch: 50, Queries: 1, K: 400}, {M: study.M, EfConstruction: 200, EfSearch: 50, Queries: 10, K: 200},
		},
		Construction: []capacity.ConstructionRow{
			{M: study.M, EfConstruction: 50, Selection: hnsw.SelectAlways.String(), Overlap100: .90},
			{M: study.M, EfConstruction: 400, Selection: hnsw.SelectAlways.String(), Overlap100: .95},
		},
	}
	return e
}

func holds(t *testing.T, e Evidence) map[string]Claim {
	t.Helper()
	claims, err := Check(e)
	if err != nil {
		t.Fatal(err)
	}
	byStart := make(map[string]Claim)
	for _, c := range claims {
		byStart[strings.Join(strings.Fields(c.Claim)[:3], " ")] = c
	}
	return byStart
}

// The verdicts on the authors' own numbers are those of SCIENCE.md §4.
func TestClaimsOnTheAuthorsOwnNumbers(t *testing.T) {
	claims := holds(t, publishedEvidence())
	for start, want := range map[string]string{
		"Overlap depends on": "yes", "Overlap collapses abruptly:": "no", "The published mean": "yes", "The divergence is": "no",
		"The k at": "no", "A better index": "yes", "efConstruction 50 gives": "yes", "This advantage is": "no",
		"efSearch of at": "yes", "efSearch of half": "yes", "Approximate neighbours underestimate": "yes", "The published overlaps": "yes",
	} { // by the first three words of the claim
		c, ok := claims[start]
		if !ok || c.Here != want {
			t.Errorf("%q: %q, want %q (%s)", start, c.Here, want, c.Numbers)
		}
		if same := map[string]string{"yes": "support it", "no": "do not"}[want]; ok && c.Published != same && !strings.HasPrefix(c.Published, "not applicable") && c.Published != "are the reference" {
			t.Errorf("%q: the published data %s, want %s", start, c.Published, same)
		}
	}
	if len(claims) != 12 {
		t.Errorf("%d claims, want 12", len(claims))
	}
}

// One overlap that differs by .006 in both runs changes the verdict on the published overlaps; one that differs by .004 does
// not.
func TestDigitsAreCheckedToFiveThousandths(t *testing.T) {
	for _, c := range []struct {
		off  float64
		want string
	}{{.004, "yes"}, {.006, "no"}} {
		e := publishedEvidence()
		for i, r := range e.Records {
			if r.Condition == 2 && r.Value == 300 && r.K == 250 {
				e.Records[i].Set(fidelity.Overlap.Mean, r.Of(fidelity.Overlap.Mean)+c.off)
			}
		}
		got := holds(t, e)["The published overlaps"]
		if got.Here != c.want || !strings.Contains(got.Numbers, "condition 2 at 300, k = 250") {
			t.Errorf("off by %v: %+v", c.off, got)
		}
	}
	e := publishedEvidence()
	e.Dataset = "imagenette96"
	if got := holds(t, e)["The published overlaps"]; got.Here != "not checked" || !strings.Contains(got.Numbers, "shape") {
		t.Errorf("other photographs: %+v", got)
	}
}

// Abrupt falls of the overlap, and divergence without an empty slot, change the verdicts.
func TestClaimsCanFail(t *testing.T) {
	e := publishedEvidence()
	for i, r := range e.Records {
		switch {
		case r.Condition == 1 && r.Value == 50 && r.K > 250:
			e.Records[i].Set(fidelity.Overlap.Mean, .1)
		case r.Condition == 3 && r.Value == .5 && r.K == 40:
			e.Records[i].Set(fidelity.EmptyShare.Mean, .001)
		case r.Condition == 3 && r.Value == 2 && r.K == 90:
			e.Records[i].Set(fidelity.Overlap.Mean, .98)
		}
		if r.Condition == 1 && r.Value == 75 {
			e.Records[i].Set(fidelity.EmptyShare.Mean, 0)
		}
	}
	claims := holds(t, e)
	for start, want := range map[string]string{
		"Overlap collapses abruptly:": "yes", "The divergence is": "yes", "efSearch of half": "no", "efSearch of at": "no",
	} {
		if claims[start].Here != want {
			t.Errorf("%q: %q, want %q", start, claims[start].Here, want)
		}
	}
}

func TestClaimsNeedTheWholeStudy(t *testing.T) {
	e := publishedEvidence()
	e.Capacity = nil
	if _, err := Check(e); err == nil {
		t.Error("claims without the tables of package capacity")
	}
	e = publishedEvidence()
	e.Records = e.Records[:len(e.Records)-20]
	if _, err := Check(e); err == nil || !strings.Contains(err.Error(), "condition 3, value 4") {
		t.Errorf("claims without all of condition 3: %v", err)
	}
}
