package figure

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/study"
)

// withCoder is a study of every figure.
func withCoder(runs int) *Results {
	r := wholeStudy(runs)
	for _, record := range r.Records {
		if record.Condition == 1 {
			record.Index = indexCoderHNSW
			r.Records = append(r.Records, record)
		}
	}
	return r
}

func TestLaTeXText(t *testing.T) {
	for text, want := range map[string]string{
		`50 % of "a_b" & {c}`: `50\,\% of ''a\_b'' \& \{c\}`,
		`at k = 5, alpha · k`: `at $k$ = 5, $\alpha$ $\cdot$ $k$`,
		`k-NN 1–2 #3 $4 ^~\`:  `$k$-NN 1--2 \#3 \$4 \textasciicircum{}\textasciitilde{}\textbackslash{}`,
		`risk`:                `risk`,
	} {
		if got := latexText(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// What is typed holds no result; the numbers of a caption are those of the records of wholeStudy and explanation.
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
		"FiveViewsCoderHNSW":    "farther away than as many exact ones by 3.00 % (efSearch 25)",
		"PublishedFixedEffort":  "Published: " + shareOf(published(t, 1, 25)) + " (25), ",
		"OverlapSurface":        "the efSearch that it takes is 100 (overlap 0.5), ",
		"Capacity":              "visits least visits 75 (efSearch 25), 150 (50), 225 (75), 300 (100) nodes; half of them visit at most 200 (efSearch 25)",
		"PredictedFailure":      "At k = 500 the predicted share is 29.0 % (efSearch 25), 29.0 % (50), 29.0 % (75), 29.0 % (100), the observed one 30.0 % (efSearch 25)",
		"HardFailure":           "Of 1,000 queries the first is expected to fail at k = 75 (efSearch 25), 100 (50), 125 (75), 150 (100), with M 32",
		"Policies":              "At k = 500 and efSearch 50 the overlap is 0.2 % (Pad), 0.2 % (Raise), 0.2 % (Truncate), 0.2 % (Reject), and the share of slots that are filled 50.0 % (Pad)",
		"Construction":          "At efConstruction 50 a node has 16.7 (selection when full (FAISS)), 16.7 (always) links",
		"Hubness":               "It is 3.00 in exact lists and 2.90 to 2.90 in approximate ones at k = 10, -1.00 in exact lists",
		"EnginePolicies":        "At k = 500 and efSearch 50 the overlap is 50.0 % (FAISS HNSW), 99.0 % (hnswlib), 10.0 % (pgvector HNSW). Of the slots there are filled 60.0 % (FAISS HNSW), 10.0 % (pgvector HNSW). Not measured, because they were not to be had: DuckDB vss HNSW.",
		"RecallSpeed":           "At k = 100 the most queries per second with a recall of at least 0.99 are those of hnswlib, 250 at efSearch 400 (recall 0.990).",
		"TreeOnWords":           "looks at 4 % (dimension 2), 20 % (10), 100 % (50) of the words. It looks at more than half of them from dimension 50 on. With a budget the overlap in dimension 50 is 40.0 %, of 0.5 % of the words (10 leaves).",
		"BulkSearch":            "cosine: this project's matrix product takes 10 s; times as long take 1.5 (FAISS Flat, batch), 30 (pgvector exact, one query at a time).",
		"PublishedScaledEffort": "Published: " + shareOf(published(t, 3, .25)) + " (0.25), ",
	} {
		if !strings.Contains(captions[name], want) {
			t.Errorf("%s: %q is not said in %q", name, want, captions[name])
		}
	}
}

func published(t *testing.T, condition int, value float64) float64 {
	t.Helper()
	row, ok := study.PublishedAt(condition, value, 500)
	if !ok {
		t.Fatalf("the authors have no number for %v at k 500", value)
	}
	return row.Overlap
}

// A paper of two columns takes figures.tex as it is: nothing sticks out of a column, and every font is embedded as a subset.
func TestPaperOfTwoColumns(t *testing.T) {
	need(t, "pdflatex", "texlive-latex-base")
	need(t, "pdffonts", "poppler-utils")
	dir, paper := t.TempDir(), t.TempDir()
	about := Subject{Dataset: "my_photos & 100% more \"照片\"", Network: "a#1", Points: 1000}
	if missing, err := (Export{Results: withCoder(2), About: about, Out: dir, Command: CommandLine("out", dir, about)}).Save(); err != nil || len(missing) > 0 {
		t.Fatalf("%v, missing %v", err, missing)
	}
	source := fmt.Sprintf(`\documentclass[twocolumn]{article}
\usepackage[paperwidth=8.5in,paperheight=11in,textwidth=%.2fin,columnsep=0.3in,textheight=9.4in]{geometry}
\usepackage{graphicx}
\newcommand{\anncapacityfigures}{%s}
\begin{document}\input{\anncapacityfigures/figures}\end{document}`, DoubleColumn/72, dir)
	if err := os.WriteFile(filepath.Join(paper, "paper.tex"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	latex := exec.Command("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper")
	latex.Dir = paper
	log, err := latex.CombinedOutput()
	if err != nil || bytes.Contains(log, []byte("Overfull \\hbox")) {
		t.Fatalf("%v\n%s", err, log)
	}
	fonts := embedded(t, filepath.Join(paper, "paper.pdf"))
	for _, font := range fonts {
		if font[1] != "yes" || font[2] != "yes" {
			t.Errorf("font %s: embedded %s, subset %s", font[0], font[1], font[2])
		}
	}
	if ours := slices.DeleteFunc(fonts, func(f []string) bool { return !strings.HasSuffix(f[0], "+LiberationSans") }); len(ours) < len(Catalogue)/2 {
		t.Errorf("%d fonts of figures among %v", len(ours), fonts)
	}
	text, err := exec.Command("pdftotext", filepath.Join(paper, "paper.pdf"), "-").Output()
	if err != nil || !bytes.Contains(text, []byte("photos & 100% more ”??”")) || !bytes.Contains(text, []byte("neighbours asked, k")) {
		t.Errorf("the paper's text lacks that of its captions or figures (%v):\n%s", err, text)
	}
}

func need(t *testing.T, command, debianPackage string) {
	t.Helper()
	if _, err := exec.LookPath(command); errors.Is(err, exec.ErrNotFound) {
		t.Skipf("%s is missing: apt-get install %s", command, debianPackage)
	}
}

// embedded is name, emb and sub of each font that pdffonts lists.
func embedded(t *testing.T, file string) (fonts [][]string) {
	t.Helper()
	list, err := exec.Command("pdffonts", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^(\S+)\s+.*\s(yes|no)\s+(yes|no)\s+(?:yes|no)\s+\d+\s+\d+$`).FindAllStringSubmatch(string(list), -1) {
		fonts = append(fonts, m[1:])
	}
	if len(fonts) == 0 {
		t.Fatalf("no fonts in\n%s", list)
	}
	return fonts
}
