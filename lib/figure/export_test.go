package figure

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every figure of the catalogue is drawn in four formats and described. Figures without records are named.
func TestExportDrawsTheCatalogue(t *testing.T) {
	dir, missing := export(t, wholeStudy(3))
	if len(missing) != 1 || !strings.HasPrefix(missing[0], "FiveViewsCoderHNSW: no records") {
		t.Errorf("missing: %v, want coder/hnsw alone", missing)
	}
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"imagenette96 · resnet50-pqf", "anncapacity figures --records 'out/a job' --out figures/x --dataset imagenette96 --network resnet50-pqf",
		"HNSW (this project): 3 runs of 1,000 queries", "## Not drawn", "FiveViewsCoderHNSW: no records",
	} {
		if !strings.Contains(string(readme), want) {
			t.Errorf("README.md lacks %q", want)
		}
	}
	for _, e := range Catalogue {
		if e.Name == "FiveViewsCoderHNSW" {
			continue
		}
		for _, extension := range []string{"pdf", "svg", "png", "csv"} {
			if _, err := os.Stat(filepath.Join(dir, e.Name+"."+extension)); err != nil {
				t.Error(err)
			}
		}
		if !strings.Contains(string(readme), "## "+e.Name) || !strings.Contains(string(readme), e.Shows) {
			t.Errorf("README.md does not describe %s", e.Name)
		}
	}
}

// A study of condition 1 with one run and without Explain gives the figures that its records allow.
func TestExportOfAPartOfAStudy(t *testing.T) {
	r := wholeStudy(1)
	part := conditionOne(r)
	dir, missing := export(t, part)
	wantDrawn(t, dir, missing, "OverlapFixedEffort", "OverlapCollapse", "FiveViewsFixedEffort", "PublishedFixedEffort")
	for _, want := range []string{
		"FiveViewsIndexQuality: no records of condition 2", "PublishedScaledEffort: condition 3-as-published was not run", "Capacity: the tables of anncapacity study --explain",
		"RecallSpeed: anncapacity engines was not run", "BulkSearch: anncapacity engines --bulk", "TreeOnWords: there are no records of word vectors",
	} {
		if !slices.ContainsFunc(missing, func(m string) bool { return strings.HasPrefix(m, want) }) {
			t.Errorf("%q is not said in %q", want, missing)
		}
	}
	part.Capacity = r.Capacity
	if _, missing = export(t, part); !slices.ContainsFunc(missing, func(m string) bool { return strings.HasPrefix(m, "PredictedFailure") && strings.Contains(m, "run 0") }) {
		t.Errorf("failures of run 0 alone were compared with nothing: %v", missing)
	}
	bad := wholeStudy(2)
	bad.Records = bad.Records[1:]
	if _, err := (Export{Results: bad, About: photographs, Out: t.TempDir()}).Save(); err == nil {
		t.Error("a run that lacks a k was drawn")
	}
}
