package parts

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// text is a kind of parts whose files have at least three bytes.
var text = Kind[string]{
	Read: func(path string) (string, error) {
		data, err := os.ReadFile(path)
		if err == nil && len(data) < 3 {
			err = errors.New("a damaged part")
		}
		return string(data), err
	},
	Write: func(path, value string) error { return os.WriteFile(path, []byte(value), 0o644) },
	Keep:  func(value string) bool { return value != "partial" },
}

// computed counts its computations.
type computed struct {
	times int
	value string
	err   error
}

func (c *computed) get() (string, error) { c.times++; return c.value, c.err }

func TestGet(t *testing.T) {
	dir, err := Folder(t.TempDir(), "key")
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	for _, c := range []struct {
		name, stored string
		compute      computed
		value        string
		found        bool
		err          string
		after        string
	}{
		{name: "stored", stored: "old", value: "old", found: true, after: "old"},
		{name: "new", compute: computed{1, "new", nil}, value: "new", after: "new"},
		{name: "partial", compute: computed{1, "partial", nil}, value: "partial"},
		{name: "failed", compute: computed{1, "", broken}, err: "broken"},
		{name: "damaged", stored: "x", value: "x", err: "a damaged part", after: "x"},
	} {
		path := filepath.Join(dir, c.name)
		if c.stored != "" {
			if err := os.WriteFile(path, []byte(c.stored), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		compute := computed{value: c.compute.value, err: c.compute.err}
		value, found, err := text.Get(path, compute.get)
		if value != c.value || found != c.found || compute.times != c.compute.times || (err == nil) != (c.err == "") {
			t.Errorf("%s: %q, found %t, computed %d times, %v", c.name, value, found, compute.times, err)
		}
		if err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v", c.name, err)
		}
		if after, _ := os.ReadFile(path); string(after) != c.after {
			t.Errorf("%s: %q is stored, want %q", c.name, after, c.after)
		}
	}
}

// A part that was computed before an interruption is not computed again.
func TestGetResumes(t *testing.T) {
	dir, err := Folder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	computed := 0
	run := func(until int) {
		for i := range until {
			value, _, err := text.Get(filepath.Join(dir, fmt.Sprint(i)), func() (string, error) { computed++; return fmt.Sprint("part ", i), nil })
			if want := fmt.Sprint("part ", i); err != nil || value != want {
				t.Errorf("%q, %v, want %q", value, err, want)
			}
		}
	}
	run(3)
	run(5)
	if computed != 5 {
		t.Errorf("5 parts were computed in %d steps", computed)
	}
}

func TestFolderThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if dir, err := Folder(file); err == nil {
		t.Errorf("a folder in a file: %s", dir)
	}
}

// The key is the beginning of the SHA-256. FIPS 180-4 lists the SHA-256 of "abc".
func TestKey(t *testing.T) {
	abc := Key(func(sum io.Writer) { io.WriteString(sum, "a"); io.WriteString(sum, "bc") })
	if abc != "ba7816bf8f01cfea" {
		t.Errorf("the key of abc is %s", abc)
	}
	if other := Key(func(sum io.Writer) { io.WriteString(sum, "abd") }); other == abc {
		t.Error("abd has the key of abc")
	}
}
