package figure

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The figures of a stopped export are identified by their SVG, those of a complete export by README.md; both may be replaced.
func TestCheckOutputsKnowsItsOwn(t *testing.T) {
	r, drawn := conditionOne(wholeStudy(2)), 0
	stopAfterTwo := func() error {
		if drawn++; drawn > 2 {
			return context.Canceled
		}
		return nil
	}
	x := Export{Results: r, About: photographs, Out: t.TempDir(), Command: "anncapacity figures", Stopped: stopAfterTwo}
	if _, err := x.Save(); !errors.Is(err, context.Canceled) {
		t.Fatalf("a stopped export: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(x.Out, "*"))
	if err != nil || len(files) != 8 {
		t.Fatalf("a stopped export of two figures left %v (%v)", files, err)
	}
	if err := CheckOutputs(x.Out); err != nil {
		t.Errorf("after a stopped export: %v", err)
	}
	svg := filepath.Join(x.Out, Catalogue[0].Name+".svg")
	if err := os.Remove(svg); err != nil {
		t.Fatal(err)
	}
	if err := CheckOutputs(x.Out); err == nil || !strings.Contains(err.Error(), Catalogue[0].Name+".pdf") {
		t.Errorf("a figure without its SVG: %v", err)
	}
	x.Stopped = nil
	if _, err := x.Save(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(svg), CheckOutputs(x.Out)); err != nil {
		t.Errorf("a figure without its SVG beside README.md: %v", err)
	}
	tex := filepath.Join(x.Out, latexFile)
	if err := os.WriteFile(tex, []byte("% Written by: a colleague\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := CheckOutputs(x.Out); err == nil || !strings.Contains(err.Error(), tex) {
		t.Errorf("another figures.tex: %v", err)
	}
}
