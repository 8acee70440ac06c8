package storage

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/postings"
	"anncapacity/lib/storage/stop"
)

// readAll opens an index and reads all of its units.
func readAll(folder string) error {
	x, err := Open(folder, postings.Options{Access: postings.Cached})
	if err != nil {
		return err
	}
	defer x.Close()
	_, _, err = x.searchAll(context.Background(), clustered(1, x.D, false, 5), 1, stop.Fixed, float64(x.Units))
	return err
}

// write replaces the content of a file.
func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// places returns the offsets of about n bytes of a file, among them the first and the last 100.
func places(size, n int) (all []int) {
	for at := 0; at < size; at++ {
		if at < 100 || at >= size-100 || at%(size/n+1) == 0 {
			all = append(all, at)
		}
	}
	return all
}

// A changed byte and a missing end anywhere in the files of an index are errors that name the file.
func TestAnyDamageIsFound(t *testing.T) {
	o := options(t, false)
	o.Ks = []int{1}
	built(t, o)
	for name, whole := range files(t, o.Out) {
		path := filepath.Join(o.Out, name)
		for _, at := range places(len(whole), 300) {
			for _, content := range []string{whole[:at] + string(whole[at]^1<<(at%8)) + whole[at+1:], whole[:at]} {
				if content == whole {
					t.Fatal("nothing is damaged")
				}
				write(t, path, content)
				if err := readAll(o.Out); err == nil || !strings.Contains(err.Error(), path) {
					t.Fatalf("%s, %d of %d bytes, byte %d changed: %v", name, len(content), len(whole), at, err)
				}
			}
		}
		write(t, path, whole+" ")
		testkit.WantMentions(t, name+" is longer", readAll(o.Out), path)
		write(t, path, whole)
	}
	if err := readAll(o.Out); err != nil {
		t.Errorf("restored: %v", err)
	}
}

// Files of another index, another version and other JSON are errors.
func TestForeignFiles(t *testing.T) {
	o := options(t, false)
	built(t, o)
	whole := files(t, o.Out)
	other := options(t, false)
	other.Seed++
	built(t, other)
	for name, content := range files(t, other.Out) {
		path := filepath.Join(o.Out, name)
		write(t, path, content)
		err := readAll(o.Out)
		testkit.WantMentions(t, name+" of another seed", err, o.Out, "of another index")
		write(t, path, "something else")
		testkit.WantMentions(t, name+" is text", readAll(o.Out), path)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := readAll(o.Out); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), o.Out) {
			t.Errorf("%s is missing: %v", name, err)
		}
		write(t, path, whole[name])
	}
	for what, change := range map[string]func(d *Description){
		"version 1":           func(d *Description) { d.Version = 1 },
		`unknown way "other"`: func(d *Description) { d.Way = "other" },
	} {
		var d Description
		if err := json.Unmarshal([]byte(whole[indexFile]), &d); err != nil {
			t.Fatal(err)
		}
		change(&d)
		if err := d.write(o.Out); err != nil {
			t.Fatal(err)
		}
		testkit.WantMentions(t, what, readAll(o.Out), filepath.Join(o.Out, indexFile), what)
	}
	for _, content := range []string{"", "{}", "[]", "null", `{"version": 2}`} {
		write(t, filepath.Join(o.Out, indexFile), content)
		testkit.WantMentions(t, content, readAll(o.Out), indexFile)
	}
}

// A file that changes under an open index is an error of the next search.
func TestChangedUnderAnOpenIndex(t *testing.T) {
	for what, change := range map[string]func(o Options, path string) error{
		"touched":   func(_ Options, path string) error { return os.Chtimes(path, time.Now(), time.Unix(1, 0)) },
		"truncated": func(_ Options, path string) error { return os.Truncate(path, 8192) },
		"removed":   func(_ Options, path string) error { return os.Remove(path) },
		"rebuilt": func(o Options, _ string) error {
			o.Replace = true
			_, err := Build(context.Background(), o)
			return err
		},
	} {
		o := options(t, false)
		built(t, o)
		x := opened(t, o.Out)
		queries := clustered(3, dimensions, false, 5)
		found(t, x, queries, 1, .9)
		path := filepath.Join(o.Out, vectorsFile)
		if err := change(o, path); err != nil {
			t.Fatal(err)
		}
		_, err := x.SearchAll(context.Background(), queries, SearchOptions{K: 1, Recall: .9})
		testkit.WantMentions(t, what, err, path)
		if !errors.Is(err, postings.ErrChanged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
