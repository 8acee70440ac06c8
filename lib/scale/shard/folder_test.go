package shard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"anncapacity/lib/internal/testkit"
)

// folders returns a work folder in the file system and one in a bucket.
func folders(t *testing.T) map[string]*Folder {
	t.Helper()
	f, err := CreateFolder(t.Context(), filepath.Join(t.TempDir(), "new", "work"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*Folder{"file system": f, "bucket": {"mem://test/some", inMemory(t, t.TempDir())}}
}

// Files are read as they were written, and lists hold all files of a prefix.
func TestFolder(t *testing.T) {
	for name, f := range folders(t) {
		ctx := t.Context()
		for _, file := range []string{"plan.json", "results/b", "results/a", "results/deep/c", "resultsother"} {
			if err := f.Put(ctx, file, []byte("first "+file)); err != nil {
				t.Fatal(err)
			}
		}
		created, err := f.PutNew(ctx, "results/a", []byte("another"))
		if created || err != nil {
			t.Errorf("%s: PutNew replaced a file: %v, %v", name, created, err)
		}
		if created, err = f.PutNew(ctx, "results/d", nil); !created || err != nil {
			t.Errorf("%s: PutNew: %v, %v", name, created, err)
		}
		if err := cmpError(f.Put(ctx, "plan.json", []byte("second")), f.Delete(ctx, "results/b"), f.Delete(ctx, "results/none")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for file, want := range map[string]string{"plan.json": "second", "results/a": "first results/a", "results/d": ""} {
			if got, err := f.Get(ctx, file); string(got) != want || err != nil {
				t.Errorf("%s: %s is %q, %v; want %q", name, file, got, err, want)
			}
		}
		for prefix, want := range map[string][]string{
			"results/": {"results/a", "results/d", "results/deep/c"}, "": {"plan.json", "results/a", "results/d", "results/deep/c", "resultsother"},
			"results/d": {"results/d", "results/deep/c"}, "none/": {},
		} {
			if got, err := f.List(ctx, prefix); !slices.Equal(got, want) || err != nil {
				t.Errorf("%s: %q holds %q, %v; want %q", name, prefix, got, err, want)
			}
		}
		if _, err := f.Get(ctx, "results/b"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a deleted file: %v", name, err)
		}
		for _, bad := range []string{"", "../x", "/x", "x/", "a//b", ".x", "a/.b", "a\\b"} {
			testkit.WantMentions(t, name, f.Put(ctx, bad, nil), "is not the name of a file in a folder")
		}
	}
}

// A file that was damaged, cut short or renamed is named and not read.
func TestFolderNamesDamage(t *testing.T) {
	f, err := OpenFolder(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Put(t.Context(), "results/a", []byte("forty-two")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(f.String(), "results", "a")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		flipped := slices.Clone(whole)
		flipped[at] ^= 1
		for _, damaged := range [][]byte{flipped, whole[:at]} {
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			data, err := f.Get(t.Context(), "results/a")
			testkit.WantMentions(t, fmt.Sprintf("%q", data), err, path+": is truncated")
		}
	}
	if err := os.WriteFile(filepath.Join(f.String(), "results", "b"), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = f.Get(t.Context(), "results/b")
	testkit.WantMentions(t, "renamed", err, "results/b: is truncated or damaged, or was renamed")
}

// Of many writers of a new file one writes it, and what remains is whole.
func TestOneOfManyWritesANewFile(t *testing.T) {
	for name, f := range folders(t) {
		var all sync.WaitGroup
		var created atomic.Int32
		for i := range 20 {
			all.Go(func() {
				ok, err := f.PutNew(context.Background(), "results/a", fmt.Appendf(nil, "writer %d", i))
				if err != nil {
					t.Error(err)
				}
				if ok {
					created.Add(1)
				}
			})
		}
		all.Wait()
		if data, err := f.Get(t.Context(), "results/a"); created.Load() != 1 || err != nil || !strings.HasPrefix(string(data), "writer ") {
			t.Errorf("%s: %d writers, %q, %v", name, created.Load(), data, err)
		}
		if names, err := f.List(t.Context(), ""); len(names) != 1 || err != nil {
			t.Errorf("%s: %q %v", name, names, err)
		}
	}
}

// statusError is an error as the AWS SDK gives it.
type statusError int

func (s statusError) Error() string       { return fmt.Sprintf("status %d", int(s)) }
func (s statusError) HTTPStatusCode() int { return int(s) }

// Errors that can pass are repeated, a bounded number of times, with a note of each; others are not.
func TestRetry(t *testing.T) {
	_, none := inMemory(t, t.TempDir()).ReadAll(t.Context(), "none")
	for name, c := range map[string]struct {
		err      error
		attempts int
		says     string
	}{
		"broken":      {io.ErrUnexpectedEOF, 4, "x: 4 attempts in "},
		"server":      {statusError(503), 4, "to read it failed; the last: status 503"},
		"busy":        {statusError(429), 4, "4 attempts"},
		"forbidden":   {statusError(403), 1, "x: no permission with these credentials: status 403"},
		"changed":     {errChanged, 1, "x: was changed or replaced since it was opened"},
		"missing":     {none, 1, "x: does not exist"},
		"checksum":    {errors.New("EOF: checksum did not match: algorithm CRC32"), 1, "x: is truncated or damaged: EOF: checksum did not match"},
		"credentials": {errors.New("get identity: get credentials: no role"), 1, "x: there are no credentials (set AWS_ACCESS_KEY_ID"},
	} {
		var notes strings.Builder
		b := &bucket{options: Options{Notes: &notes, Attempts: 4, Wait: time.Microsecond}}
		attempts := 0
		err := b.retry(t.Context(), "x", "read", func() error { attempts++; return c.err })
		testkit.WantMentions(t, name, err, c.says)
		if damaged := name == "checksum"; errors.Is(err, ErrDamaged) != damaged {
			t.Errorf("%s: ErrDamaged is not %v", name, damaged)
		}
		if attempts != c.attempts || strings.Count(notes.String(), "\n") != c.attempts-1 || !errors.Is(err, c.err) {
			t.Errorf("%s: %d attempts; %s", name, attempts, notes.String())
		}
	}
	b, attempts := &bucket{options: Options{Wait: time.Microsecond}.withDefaults()}, 0
	if err := b.retry(t.Context(), "x", "read", func() error {
		if attempts++; attempts < 3 {
			return io.ErrUnexpectedEOF
		}
		return nil
	}); err != nil || attempts != 3 {
		t.Error(attempts, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	b.options.Wait = time.Hour
	err := b.retry(ctx, "x", "read", func() error { cancel(); return io.ErrUnexpectedEOF })
	testkit.WantMentions(t, "cancelled", err, "x: context canceled")
}
