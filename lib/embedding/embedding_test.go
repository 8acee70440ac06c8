package embedding

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

func TestWriteThenOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.npy")
	want := ann.Vectors{N: 3, D: 2, Data: []float32{1, -2, 0.5, 1e30, 1e-40, 3}}
	rows := []Row{{"a/1.jpg", "a"}, {"b, \"c\"/2.jpg", "b"}, {"3", ""}}
	if err := Write(path, want, rows); err != nil {
		t.Fatal(err)
	}
	got, err := Open(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	back, err := OpenRows(path)
	if err != nil || !reflect.DeepEqual(back, rows) {
		t.Errorf("%v, %v", back, err)
	}
	if err := Write(path, want, rows[:2]); err == nil {
		t.Error("two rows for three vectors were accepted")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("temporary files stay behind: %v", left)
	}
}

// NumPy reads what Write writes, and Open reads what NumPy writes, in float32, float16 and float64, subnormals included.
func TestNumPyAgrees(t *testing.T) { testkit.EachPeers(t, testNumPyAgrees) }

func testNumPyAgrees(t *testing.T, peers testkit.Peers) {
	dir := t.TempDir()
	ours := filepath.Join(dir, "ours.npy")
	v := ann.Vectors{N: 2, D: 3, Data: []float32{1, 2, 3, 0.25, -5.9604645e-08, 65504}}
	if err := Write(ours, v, make([]Row, 2)); err != nil {
		t.Fatal(err)
	}
	peers.Ask(t, testkit.Question{Name: "npy", Folder: dir, Script: "npy.py", Args: []string{"ours.npy", "."}, Same: true})
	for _, name := range []string{"float32.npy", "float16.npy", "float64.npy", "fortran.npy"} {
		got, err := Open(filepath.Join(dir, name))
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, says := range map[string]string{
		"vector.npy": "shape", "cube.npy": "shape", "zero_rows.npy": "shape",
		"nan.npy": "row 1, column 2 is NaN", "inf.npy": "row 0, column 0 is +Inf",
	} {
		if _, err := Open(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamagedFilesAreNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.npy")
	v := ann.Vectors{N: 10, D: 4, Data: make([]float32, 40)}
	if err := Write(path, v, make([]Row, 10)); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lie := bytes.Replace(good, []byte("(10, 4), }"), []byte("(90, 4), }"), 1)
	huge := bytes.Replace(good, []byte("(10, 4), }        "), []byte("(4611686018427387904"), 1)
	for name, data := range map[string][]byte{
		"empty": nil, "magic only": good[:6], "half a header": good[:30], "no data": good[:128], "truncated": good[:len(good)-1],
		"not npy": []byte("row,image,class\n0,a,b\n"), "lying header": lie, "huge shape": huge,
	} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamagedRowsAreNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.npy")
	for name, text := range map[string]string{
		"empty": "", "other header": "id,file\n0,a\n", "row missing": "row,image,class\n0,a,b\n2,c,d\n", "short line": "row,image,class\n0,a\n",
	} {
		if err := os.WriteFile(rowsPath(path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenRows(path); err == nil || !strings.Contains(err.Error(), "e.csv") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
