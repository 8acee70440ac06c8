package figure

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"anncapacity/lib/study"
)

type overlapFigure = func([]study.Record, Subject) (*Figure, error)

var overlapFigures = map[string]overlapFigure{"OverlapFixedEffort": OverlapFixedEffort, "OverlapCollapse": OverlapCollapse}

// save saves a figure and returns its four files by extension.
func save(t *testing.T, draw overlapFigure, runs int, about Subject) map[string][]byte {
	t.Helper()
	f, err := draw(records(runs), about)
	if err != nil {
		t.Fatal(err)
	}
	return saved(t, f)
}

// Each format is valid, has the width of a column, embeds its fonts, and contains the subject.
func TestSaveWritesFilesForPrint(t *testing.T) {
	for name, draw := range overlapFigures {
		files := save(t, draw, 3, photographs)
		if !bytes.HasPrefix(files["pdf"], []byte("%PDF-")) || !bytes.Contains(files["pdf"], []byte("/FontFile")) {
			t.Errorf("%s.pdf: no PDF with an embedded font", name)
		}
		for _, text := range []string{"@font-face", "imagenette96 · resnet50-pqf · 3 runs of 10,000", "coder/hnsw v0.6.1", "3 runs of 1,000 queries", "HNSW (this project)", "efSearch 75"} {
			if !bytes.Contains(files["svg"], []byte(text)) {
				t.Errorf("%s.svg lacks %q", name, text)
			}
		}
		picture, err := png.Decode(bytes.NewReader(files["png"]))
		if err != nil {
			t.Fatalf("%s.png: %v", name, err)
		}
		if w := picture.Bounds().Dx(); w != 990 {
			t.Errorf("%s.png is %d pixels wide, want 990 (3.3 inches of 300)", name, w)
		}
	}
}

func TestGeneratedImagesAreCalledThat(t *testing.T) {
	for name, draw := range overlapFigures {
		if svg := save(t, draw, 1, generated)["svg"]; !bytes.Contains(svg, []byte("generated images, untrained network · 1 run of 1,500")) {
			t.Errorf("%s.svg does not say that its images are generated and its network is untrained", name)
		}
	}
}

func TestSameRecordsGiveTheSameBytes(t *testing.T) {
	for name, draw := range overlapFigures {
		a, b := save(t, draw, 3, photographs), save(t, draw, 3, photographs)
		shuffled := records(3)
		slices.Reverse(shuffled)
		f, err := draw(shuffled, photographs)
		if err != nil {
			t.Fatal(err)
		}
		c := saved(t, f)
		for extension := range a {
			if !bytes.Equal(a[extension], b[extension]) || !bytes.Equal(a[extension], c[extension]) {
				t.Errorf("%s.%s differs from one writing to the next", name, extension)
			}
		}
	}
}

func TestSaveReportsAFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := OverlapCollapse(records(1), photographs)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Save(file); err == nil {
		t.Error("a figure was saved into a file")
	}
}
