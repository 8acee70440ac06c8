package embedding

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// inputCase is the description of a file, or of several files of one matrix, by environment/peers/inputs_grid.py.
type inputCase struct{ Name, Path, Kind, Says, File, Notes string }

// writeInputs returns the cases of the grid, whose paths begin with the folder.
func writeInputs(t testing.TB) (dir string, cases []inputCase) {
	t.Helper()
	dir = t.TempDir()
	if err := json.Unmarshal(testkit.Python(t, "inputs_grid.py", dir), &cases); err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		cases[i].Path, cases[i].File = dir+"/"+cases[i].Path, dir+"/"+cases[i].File
	}
	return dir, cases
}

// Files that NumPy, pyarrow and h5py write are read as these read them, or are refused with the reason and the name of the file.
func TestInputsAsOthersWriteThem(t *testing.T) {
	if !testkit.HasPeers(t, "formats of big-ann-benchmarks, Parquet files of one matrix, exact neighbours") {
		return
	}
	dir, cases := writeInputs(t)
	read := map[string]bool{}
	for _, c := range cases {
		var notes bytes.Buffer
		err := c.compare(dir, &notes)
		if c.Kind == "vectors" {
			v, err := Open(c.Path)
			checkRanges(t, c.Path, v, err)
		}
		read[c.Name] = err == nil
		switch {
		case c.Says == "" && err != nil:
			t.Error(err)
		case c.Says != "" && (err == nil || !strings.HasPrefix(err.Error(), c.File+": ") && !strings.Contains(err.Error(), " "+c.File+": ") || !strings.Contains(err.Error(), c.Says)):
			t.Errorf("%s: %v; want %q of %s", c.Name, err, c.Says, c.File)
		case err == nil && !strings.Contains(notes.String(), c.Notes):
			t.Errorf("%s: notes %q; want %q", c.Name, notes.String(), c.Notes)
		}
	}
	checkFormatsPage(t, testkit.Peers{Live: true}, "inputs_grid.py", read)
	if len(cases) < 70 {
		t.Errorf("only %d cases", len(cases))
	}
}

// compare reads a case and compares it with DIR/NAME.npy.
func (c inputCase) compare(dir string, notes *bytes.Buffer) error {
	npy := filepath.Join(dir, c.Name+".npy")
	if c.Kind == "truth" {
		got, err := OpenTruth(c.Path)
		if err != nil {
			return err
		}
		want, err := OpenTruth(npy)
		if err == nil && (got.N != want.N || got.K != want.K || !slices.Equal(got.IDs, want.IDs)) {
			err = fmt.Errorf("%s: %d × %d IDs, not those of NumPy, %d × %d", c.Name, got.N, got.K, want.N, want.K)
		}
		return err
	}
	got, err := OpenReporting(c.Path, notes)
	if err != nil {
		return err
	}
	want, err := Open(npy)
	if err == nil && !sameMatrix(got, want) {
		err = fmt.Errorf("%s: %d × %d differ from %d × %d", c.Name, got.N, got.D, want.N, want.D)
	}
	if err != nil {
		return err
	}
	return c.compareBytes(want)
}

// compareBytes reads a case again and keeps uint8.
func (c inputCase) compareBytes(want ann.Vectors) error {
	kept, err := OpenCoordinates(c.Path, new(bytes.Buffer))
	if bytes := strings.HasSuffix(c.Path, ".u8bin") || strings.HasSuffix(c.Path, "/bytes"); err == nil && (bytes != (kept.Bytes != nil) || !sameMatrix(kept.Vectors(), want)) {
		err = fmt.Errorf("%s: other coordinates than vectors", c.Name)
	}
	return err
}

// A file that changes between the reading of its footer and of its rows is an error.
func TestShardThatChanges(t *testing.T) {
	if !testkit.HasPeers(t, "Parquet files that change while they are read") {
		return
	}
	dir, _ := writeInputs(t)
	s, err := shardsOf(filepath.Join(dir, "plain"))
	if err != nil || len(s.files) != 3 {
		t.Fatal(s, err)
	}
	all, err := s.describe()
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(s.files[0])
	if err == nil {
		err = os.WriteFile(s.files[1], other, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	err = s.with(s.files[1], func(src source) error { return s.read(src, all[1], new(listRows)) })
	if err == nil || !strings.Contains(err.Error(), "part-1.pq: was changed while it was read") {
		t.Error(err)
	}
}

// The first ID that is not in the base, or that repeats, is named.
func TestTruthCheck(t *testing.T) {
	truth := Truth{N: 2, K: 3, IDs: []int32{0, 1, 2, 4, 0, 3}}
	if err := truth.Check(5); err != nil || !slices.Equal(truth.Row(1), []int32{4, 0, 3}) {
		t.Error(truth.Row(1), err)
	}
	for says, c := range map[string]struct {
		id int32
		n  int
	}{"row 1, neighbour 0 is 4: the IDs of a base of 4 vectors are 0 to 3": {3, 4}, "row 1, neighbour 2 is -1": {-1, 5}, "row 1: neighbours 1 and 2 are both 0": {0, 5}} {
		truth.IDs[5] = c.id
		if err := truth.Check(c.n); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
}
