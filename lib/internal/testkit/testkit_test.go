package testkit

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The committed vectors are those that points.py writes. The flag -record writes them.
func TestPointsAreThoseOfTheScript(t *testing.T) {
	if !HasPeers(t, "that points.py writes the committed vectors") {
		return
	}
	for _, set := range []string{Embeddings, Ties} {
		path := filepath.Join(t.TempDir(), set)
		Python(t, "points.py", strings.TrimSuffix(set, ".npy"), path)
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if *record {
			if err := os.WriteFile(Points(t, set), want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(Points(t, set)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from the output of points.py: %v", set, err)
		}
	}
}

// The committed files are small enough for a quick clone.
func TestCommittedAnswersAreSmall(t *testing.T) {
	const most = 2 << 20
	total := int64(0)
	for _, folder := range []string{"answers", "points"} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			info, err := entry.Info()
			if err != nil {
				t.Fatal(err)
			}
			total += info.Size()
		}
	}
	if total == 0 || total > most {
		t.Errorf("%d bytes of answers and points; at most %d", total, most)
	}
}

// TestSame covers numbers, which are equal up to rounding, and text, which must be equal exactly.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"text", "text", true}, {"text", "texts", false}, {`[1, "2.5"]`, `[1.000001, "2.500001"]`, true}, {`[1]`, `[1.1]`, false}, {`["1"]`, `["1.1"]`, false},
		{`["nan", "inf"]`, `["nan", "inf"]`, true}, {`["nan"]`, `["1"]`, false}, {`{"a": [1]}`, `{"a": [1], "b": 2}`, false}, {`{"a": null}`, `{"a": 0}`, false}, {`[1, 2]`, `[1]`, false},
	} {
		if got := same([]byte(c.a), []byte(c.b)); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}
