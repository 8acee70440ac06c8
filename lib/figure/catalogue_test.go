package figure

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/internal/plate"
)

// Shows has no numbers that are results; the numbers of a caption are those of the records of wholeStudy and explanation.
func TestCaptionsSayTheRecords(t *testing.T) {
	results := withCoder(3)
	captions := map[string]string{}
	for _, e := range Catalogue {
		caption, err := e.Caption(results)
		if err != nil {
			t.Fatal(err)
		}
		captions[e.Name] = caption
		typed := regexp.MustCompile(`[Cc]ondition \d|run 0|float32|STL-10|IMAGENET1K_V2`).ReplaceAllString(e.Shows, "")
		if regexp.MustCompile(`\d`).MatchString(typed) {
			t.Errorf("%s: a number is typed in %q", e.Name, e.Shows)
		}
	}
	for name, want := range map[string]string{
		"OverlapFixedEffort":    "At k = 500 the overlap is 97.1 % (efSearch 25), 98.0 % (50), 98.3 % (75), 98.5 % (100).", // 1/(1+.5/(1+e)) − .01
		"FiveViewsFixedEffort":  "Bands are 95 % intervals of the mean over 3 runs (Student's t).",
		"FiveViewsCoderHNSW":    "exceeds that of as many exact neighbours by 3.00 % (efSearch 25)",
		"PublishedFixedEffort":  "Published: " + shareOf(published(t, 1, 25)) + " (25), ",
		"OverlapSurface":        "the required efSearch is 100 (overlap 0.5), ",
		"Capacity":              "visits the fewest nodes visits 75 (efSearch 25), 150 (50), 225 (75), 300 (100); half of the queries visit at most 200 (efSearch 25)",
		"PredictedFailure":      "At k = 500 the predicted share is 29.0 % (efSearch 25), 29.0 % (50), 29.0 % (75), 29.0 % (100), and the observed share is 30.0 % (efSearch 25)",
		"HardFailure":           "Of 1,000 queries the first is expected to fail at k = 75 (efSearch 25), 100 (50), 125 (75), 150 (100), with M 32",
		"Policies":              "At k = 500 and efSearch 50 the overlap is 0.2 % (Pad), 0.2 % (Raise), 0.2 % (Truncate), 0.2 % (Reject), and the share of slots that are filled is 50.0 % (Pad)",
		"Construction":          "At efConstruction 50 a node has 16.7 (selection when full (FAISS)), 16.7 (always) links",
		"Hubness":               "The skewness is 3.00 in exact lists and 2.90 to 2.90 in approximate ones at k = 10, -1.00 in exact lists",
		"EnginePolicies":        "At k = 500 and efSearch 50 the overlap is 50.0 % (FAISS HNSW), 99.0 % (hnswlib), 10.0 % (pgvector HNSW). The share of slots that are filled is 60.0 % (FAISS HNSW), 10.0 % (pgvector HNSW). Not run, because they were not available: DuckDB vss HNSW.",
		"RecallSpeed":           "At k = 100 the most queries per second with a recall of at least 0.99 are those of hnswlib, 250 at efSearch 400 (recall 0.990).",
		"TreeOnWords":           "visits 4 % (dimension 2), 20 % (10), 100 % (50) of the words. It visits at least half of them from dimension 50 on. With a budget the overlap in dimension 50 is 40.0 %, of 0.5 % of the words (10 leaves).",
		"BulkSearch":            "cosine: this project's matrix product takes 10 s. Times relative to it are 1.5 (FAISS Flat, batch), 30 (pgvector exact, one query at a time).",
		"Growth":                "Up to 100,000 points the time of the construction grows with the power 1.10 (this project), 1.10 (FAISS), 1.10 (hnswlib), 1.10 (usearch) of their number; the same power would give 1.75 h (this project), ",
		"PublishedScaledEffort": "Published: " + shareOf(published(t, 3, .25)) + " (0.25), ",
	} {
		if !strings.Contains(captions[name], want) {
			t.Errorf("%s: %q is not said in %q", name, want, captions[name])
		}
	}
}

// Every text in a figure has at least seven points, is within the figure, and can be encoded in a PDF.
func TestTextIsLegibleInPrint(t *testing.T) {
	results := withCoder(3)
	for _, e := range Catalogue {
		f := drawn(t, results, e.Name)
		if f.Name != e.Name {
			t.Errorf("%s draws a figure named %s", e.Name, f.Name)
		}
		if f.drawing.Width != plate.SingleColumn && f.drawing.Width != plate.DoubleColumn {
			t.Errorf("%s is %v points wide: neither a column nor a page", f.Name, f.drawing.Width)
		}
		lines := f.drawing.Text()
		if len(lines) < 10 {
			t.Errorf("%s has %d pieces of text", f.Name, len(lines))
		}
		for _, line := range lines {
			if line.Size < 7*vg.Points(1) {
				t.Errorf("%s: %q has %v points", f.Name, line.String, line.Size)
			}
			if _, err := charmap.Windows1252.NewEncoder().String(line.String); err != nil {
				t.Errorf("%s: %q: %v", f.Name, line.String, err)
			}
		}
	}
}

func TestEmptyTablesAreErrors(t *testing.T) {
	for name, draw := range map[string]func() (*Figure, error){
		"OverlapSurface":   func() (*Figure, error) { return OverlapSurface(nil, photographs) },
		"Capacity":         func() (*Figure, error) { return Capacity(nil, photographs) },
		"PredictedFailure": func() (*Figure, error) { return PredictedFailure(nil, wholeStudy(2).Records, photographs) },
		"HardFailure":      func() (*Figure, error) { return HardFailure(nil, photographs) },
		"Policies":         func() (*Figure, error) { return Policies(nil, photographs) },
		"Construction":     func() (*Figure, error) { return Construction(nil, photographs) },
		"Hubness":          func() (*Figure, error) { return Hubness(nil, photographs) },
	} {
		if _, err := draw(); err == nil {
			t.Errorf("%s was drawn from nothing", name)
		}
	}
}
