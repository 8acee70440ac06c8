package figure

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/plate"
)

// A two-column paper can include figures.tex: no figure exceeds its column, and every font is embedded as a subset.
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
\begin{document}\input{\anncapacityfigures/figures}\end{document}`, plate.DoubleColumn/72, dir)
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

// embedded returns name, emb and sub of each font that pdffonts lists.
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
