package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func text(content string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, content); return err }
}

// folder returns the entries of a folder as NAME=CONTENT, folders as NAME/.
func folder(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		if e.IsDir() {
			all = append(all, e.Name()+"/")
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.Name()+"="+string(data))
	}
	return all
}

func TestWriteAllReplacesAll(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for i, before := range []string{"a=0 b=0", "a=1 b=1"} {
		now := fmt.Sprint(i)
		if err := WriteAll(File{a, text(now)}, File{b, text(now)}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(folder(t, dir), " "); got != before {
			t.Errorf("%q in the folder, want %q", got, before)
		}
	}
}

// After any failure at either file, both files are unchanged and no temporary file remains.
func TestWriteAllWritesAllOrNone(t *testing.T) {
	half := func(w io.Writer) error {
		io.WriteString(w, strings.Repeat("x", 3<<20))
		return errors.New("the source ends")
	}
	for name, second := range map[string]func(dir string) File{
		"a folder is in the way":            func(dir string) File { return File{filepath.Join(dir, "folder"), text("new")} },
		"a folder is in the way of the end": func(string) File { return unrenamable(t) },
		"the writer fails":                  func(dir string) File { return File{filepath.Join(dir, "b"), half} },
		"no such folder":                    func(dir string) File { return File{filepath.Join(dir, "none", "b"), text("new")} },
	} {
		for _, old := range []bool{true, false} {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
				t.Fatal(err)
			}
			if old {
				os.WriteFile(filepath.Join(dir, "a"), []byte("old"), 0o600)
				os.WriteFile(filepath.Join(dir, "b"), []byte("old"), 0o600)
			}
			before := folder(t, dir)
			for _, order := range [][2]int{{0, 1}, {1, 0}} {
				files := []File{{filepath.Join(dir, "a"), text("new")}, second(dir)}
				if err := WriteAll(files[order[0]], files[order[1]]); err == nil || !strings.Contains(err.Error(), files[1].Path) {
					t.Errorf("%s: error %v", name, err)
				}
				if after := folder(t, dir); !slices.Equal(before, after) {
					t.Errorf("%s: %q, before it %q", name, after, before)
				}
			}
		}
	}
}

// unrenamable returns a file that can be written but not renamed, because a folder takes its place in the meantime.
func unrenamable(t *testing.T) File {
	path := filepath.Join(t.TempDir(), "c")
	return File{path, func(w io.Writer) error {
		return errors.Join(text("new")(w), os.MkdirAll(filepath.Join(path, "full"), 0o755))
	}}
}

// If the disk is full, or the limit on file sizes is reached, in the middle of the second file, the first remains
// unchanged.
func TestWriteAllWithoutSpace(t *testing.T) {
	if dir := os.Getenv("ATOMICFILE_DIR"); dir != "" {
		err := WriteAll(File{filepath.Join(dir, "a"), text("new")}, File{filepath.Join(dir, "b"), text(strings.Repeat("x", 1<<21))})
		if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "b")) {
			t.Errorf("error %v", err)
		}
		return
	}
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "a"), []byte("old"), 0o644)
	self := exec.Command("sh", "-c", `ulimit -f 1024 && exec "$0" -test.run '^TestWriteAllWithoutSpace$'`, os.Args[0])
	self.Env = append(os.Environ(), "ATOMICFILE_DIR="+dir)
	if out, err := self.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if got := folder(t, dir); !slices.Equal(got, []string{"a=old"}) {
		t.Errorf("%q in the folder", got)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	os.Chmod(dir, 0o555)
	defer os.Chmod(dir, 0o755)
	if os.WriteFile(filepath.Join(dir, "probe"), nil, 0o644) == nil {
		t.Skip("this user may write into a read-only folder")
	}
	for _, err := range []error{Probe(filepath.Join(dir, "a")), Write(filepath.Join(dir, "a"), text("new"))} {
		if !errors.Is(err, os.ErrPermission) {
			t.Errorf("error %v", err)
		}
	}
}

// RemoveStale removes what a killed process left behind, and neither a file that is being written nor one of another name.
func TestRemoveStale(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, name := range []string{".a.123", ".a.7", ".a.", ".a.12x", ".ab.1", "a.1", ".a.1.old"} {
		os.WriteFile(filepath.Join(dir, name), nil, 0o600)
	}
	os.Mkdir(filepath.Join(dir, ".a.99"), 0o755)
	err := Write(path, func(w io.Writer) error { return errors.Join(RemoveStale(path), text("new")(w)) })
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(folder(t, dir), " "), ".a.= .a.1.old= .a.12x= .a.99/ .ab.1= a=new a.1="; got != want {
		t.Errorf("%s in the folder, want %s", got, want)
	}
	if err := RemoveStale(filepath.Join(dir, "none", "a")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such folder: %v", err)
	}
}
