package shard

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gocloud.dev/blob/memblob"

	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/testkit"
)

// inMemory returns a bucket in memory with the files of a folder.
func inMemory(t *testing.T, folder string) *bucket {
	t.Helper()
	b := &bucket{Bucket: memblob.OpenBucket(nil), root: "mem://test/some/", prefix: "some/", options: Options{Wait: time.Millisecond}.withDefaults()}
	t.Cleanup(func() { b.Close() })
	paths, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err == nil {
			err = b.WriteAll(t.Context(), "some/"+filepath.Base(path), data, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// Shards that NumPy and pyarrow wrote are read, in ranges of any length, with the numbers that these read of them.
func TestSetReadsWhatOthersWrote(t *testing.T) {
	if !testkit.HasPeers(t, "shards of NumPy and pyarrow") {
		return
	}
	dir := t.TempDir()
	testkit.Python(t, "shards.py", dir)
	for name, kind := range map[string]string{"npy": "float16", "double": "float64", "fbin": "float32", "u8bin": "uint8", "i8bin": "int8", "parquet": "float32"} {
		want, err := embedding.Open(filepath.Join(dir, name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(dir, name)
		inFolder, err := Open(t.Context(), folder)
		if err != nil {
			t.Fatal(err)
		}
		inBucket, err := openSet(t.Context(), inMemory(t, folder), place{text: "mem://test/some"})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*Set{inFolder, inBucket} {
			checkSet(t, s, want.Data)
			if got := s.Shards(); len(got) != 3 || got[1].First != 40 || got[2].First != 41 || got[2].Rows != 23 || got[0].Kind != kind {
				t.Errorf("%s: %v", name, got)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// checkSet reads 64 rows of 6 numbers in ranges of several lengths, forwards and backwards.
func checkSet(t *testing.T, s *Set, want []float32) {
	t.Helper()
	if s.Len() != 64 || s.Dim() != 6 {
		t.Fatalf("%s: %d × %d", s.location, s.Len(), s.Dim())
	}
	for _, length := range []int{1, 7, 40, 64} {
		var starts []int
		for from := 0; from < 64; from += length {
			starts = append(starts, from)
		}
		for _, order := range [][]int{starts, reversed(starts)} {
			for _, from := range order {
				to := min(from+length, 64)
				got := make([]float32, (to-from)*6)
				if err := s.Read(t.Context(), from, to, got); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want[from*6:to*6]) {
					t.Fatalf("%s: rows %d to %d differ", s.location, from, to)
				}
			}
		}
	}
}

func reversed(all []int) []int {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}

// fbin returns the content of a .fbin file of whole numbers from first on.
func fbin(n, d int, first float32) []byte {
	data := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(n)), uint32(d))
	for i := range n * d {
		data, _ = binary.Append(data, binary.LittleEndian, first+float32(i))
	}
	return data
}

// write writes files to a new folder.
func write(t *testing.T, files map[string][]byte) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// Locations that hold no set of vectors are refused with the reason and the name of the shard.
func TestOpenRefuses(t *testing.T) {
	nan, cut := fbin(3, 2, 0), fbin(3, 2, 0)
	copy(nan[8+4*3:], []byte{0, 0, 0xc0, 0x7f})
	for name, c := range map[string]struct {
		files    map[string][]byte
		at, says string
	}{
		"empty":      {nil, "", "holds no shards: files that end in .npy, .fbin"},
		"others":     {map[string][]byte{"a.csv": nil, "_b.fbin": fbin(1, 1, 0)}, "", "holds no shards"},
		"no match":   {map[string][]byte{"a.fbin": fbin(1, 1, 0)}, "/b*.fbin", "holds no shards"},
		"no file":    {nil, "/b.fbin", "file does not exist"},
		"column":     {map[string][]byte{"a.fbin": fbin(1, 1, 0)}, "/a.fbin:x", "a.fbin: holds one matrix, there is no \"x\" to choose"},
		"extension":  {map[string][]byte{"a.csv": nil}, "/a.csv", "shards end in .npy"},
		"dimensions": {map[string][]byte{"a.fbin": fbin(2, 2, 0), "b.fbin": fbin(2, 3, 0)}, "", "b.fbin: its rows have 3 dimensions, those of a.fbin 2"},
		"formats":    {map[string][]byte{"a.fbin": fbin(2, 2, 0), "b.u8bin": []byte("\x01\x00\x00\x00\x02\x00\x00\x00ab")}, "", "b.u8bin: is a .u8bin file, a.fbin a .fbin file"},
		"cut":        {map[string][]byte{"a.fbin": fbin(2, 2, 0), "b.fbin": cut[:len(cut)-1]}, "", "b.fbin: holds 23 bytes after its header"},
		"no driver":  {nil, "s3://bucket/prefix", "no driver for s3://: `make cloud` builds"},
		"host":       {nil, "file://folder/x", "has three slashes"},
	} {
		at := c.at
		if !strings.Contains(at, "://") {
			at = write(t, c.files) + at
		}
		s, err := Open(t.Context(), at)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v; want %q", name, s, err, c.says)
		}
	}
	s, err := Open(t.Context(), "file://"+write(t, map[string][]byte{"a.fbin": fbin(2, 2, 0), "b.fbin": nan}))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Read(t.Context(), 0, 3, make([]float32, 6)); err != nil {
		t.Error(err)
	}
	testkit.WantMentions(t, "NaN", s.Read(t.Context(), 0, 5, make([]float32, 10)), "b.fbin: row 1, column 1 is NaN")
	testkit.WantMentions(t, "range", s.Read(t.Context(), 4, 6, make([]float32, 4)), "rows 4 to 6 of 5")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	testkit.WantMentions(t, "cancelled", s.Read(ctx, 0, 1, make([]float32, 2)), "context canceled")
}

// A shard that is written again, replaced, shortened or removed between Open and Read is an error that names it.
func TestReadNoticesAChangedShard(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"rewritten": func(path string) error { return os.WriteFile(path, fbin(3, 2, 50), 0o600) },
		"replaced": func(path string) error {
			err := os.WriteFile(path+".new", fbin(3, 2, 50), 0o600)
			return cmpError(err, os.Rename(path+".new", path))
		},
		"shortened": func(path string) error { return os.Truncate(path, 20) },
		"removed":   os.Remove,
	} {
		folder := write(t, map[string][]byte{"a.fbin": fbin(2, 2, 0), "b.fbin": fbin(3, 2, 50)})
		s, err := Open(t.Context(), folder)
		if err != nil {
			t.Fatal(err)
		}
		before := s.Fingerprint()
		time.Sleep(20 * time.Millisecond) // above the resolution of modification times
		if err := change(filepath.Join(folder, "b.fbin")); err != nil {
			t.Fatal(err)
		}
		err = s.Read(t.Context(), 0, 5, make([]float32, 10))
		if err == nil || !strings.Contains(err.Error(), "b.fbin: ") || name != "removed" && !strings.Contains(err.Error(), "was changed or replaced") {
			t.Errorf("%s: %v", name, err)
		}
		if again, err := Open(t.Context(), folder); err == nil && again.Fingerprint() == before {
			t.Errorf("%s: the fingerprint is the same", name)
		}
	}
}

func cmpError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// The fingerprint is that of the content, wherever the folder is.
func TestFingerprint(t *testing.T) {
	files := map[string][]byte{"a.fbin": fbin(2, 2, 0), "b.fbin": fbin(3, 2, 50)}
	var prints []string
	for range 2 {
		folder := write(t, files)
		for name := range files {
			if err := os.Chtimes(filepath.Join(folder, name), time.Time{}, time.Unix(1000, 5)); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(t.Context(), folder)
		if err != nil {
			t.Fatal(err)
		}
		prints = append(prints, s.Fingerprint())
	}
	if prints[0] != prints[1] || len(prints[0]) != 64 {
		t.Error(prints)
	}
}

// counted counts the bytes and the requests of a reader.
type counted struct {
	data            []byte
	requests, bytes int
}

func (c *counted) ReadAt(p []byte, at int64) (int, error) {
	c.requests, c.bytes = c.requests+1, c.bytes+len(p)
	return bytes.NewReader(c.data).ReadAt(p, at)
}

// A reader ahead requests every byte once when it is read twice in pieces of a window, and keeps the pieces that it used last.
func TestAhead(t *testing.T) {
	c := &counted{data: make([]byte, 10_000)}
	for i := range c.data {
		c.data[i] = byte(i * 7)
	}
	a := &ahead{r: c, size: 10_000, block: 500, keep: 3}
	for at := 0; at+90 <= 10_000; at += 90 {
		for _, start := range []int{at, at + 30} { // as a check of a page and its decoding do
			p := make([]byte, 60)
			if n, err := a.ReadAt(p, int64(start)); n != 60 || err != nil || !bytes.Equal(p, c.data[start:start+60]) {
				t.Fatal(at, n, err)
			}
		}
	}
	if c.bytes > 10_000 || c.requests != 20 {
		t.Errorf("%d bytes in %d requests", c.bytes, c.requests)
	}
	if n, err := a.ReadAt(make([]byte, 20), 9_990); n != 10 || err == nil {
		t.Error(n, err)
	}
	if got := fmt.Sprint(len(a.held)); got != "3" {
		t.Errorf("%s pieces are kept", got)
	}
}
