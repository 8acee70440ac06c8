package cloud

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/scale/shard"
)

// binHeader returns the header of a .fbin file.
func binHeader(n, d int) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(n)), uint32(d))
}

// fbin returns the content of a .fbin file of whole numbers from first on.
func fbin(n, d, first int) []byte {
	data := binHeader(n, d)
	for i := range n * d {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(first+i)))
	}
	return data
}

// whole returns n × d whole numbers in random order as the bytes of float32.
func whole(n, d int) (data []byte) {
	random := rand.New(rand.NewPCG(5, 6))
	for range n * d {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(random.IntN(41)-20)))
	}
	return data
}

// wholeNumbers reports whether data are the numbers from first on.
func wholeNumbers(data []float32, first int) bool {
	for i, x := range data {
		if x != float32(first+i) {
			return false
		}
	}
	return true
}

// open opens a set with short waits between attempts, of which there are 4.
func open(t *testing.T, location string) *shard.Set {
	t.Helper()
	return openWith(t, location, shard.Options{Attempts: 4, Wait: 5 * time.Millisecond})
}

func openWith(t *testing.T, location string, o shard.Options) *shard.Set {
	t.Helper()
	s, err := o.Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Shards of every format have the numbers that NumPy and pyarrow read of them, and no more bytes are served than the rows that are
// read take: exactly these for formats with rows of one size, and each file once for Parquet.
func TestS3ReadsWhatOthersWrote(t *testing.T) {
	s := startServer(t)
	if !testkit.HasPeers(t, "shards of NumPy and pyarrow") {
		return
	}
	dir := t.TempDir()
	testkit.Python(t, "shards.py", dir)
	objects, sizes := map[string][]byte{}, map[string]int64{}
	paths, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(dir, path)
		objects["in/"+filepath.ToSlash(name)] = data
		sizes[filepath.Dir(name)] += int64(len(data))
	}
	s.upload(objects)
	for name, size := range map[string]int64{"npy": 2, "double": 8, "fbin": 4, "u8bin": 1, "i8bin": 1, "parquet": 0} {
		want, err := embedding.Open(filepath.Join(dir, name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		set := open(t, s.location(bucketName, "in/"+name))
		got := make([]float32, 64*6)
		bytes, _ := s.served(func() {
			for from := 0; from < 64; from += 8 {
				if err := set.Read(t.Context(), from, from+8, got[from*6:(from+8)*6]); err != nil {
					t.Fatal(err)
				}
			}
		})
		if set.Len() != 64 || !slices.Equal(got, want.Data) {
			t.Errorf("%s: other numbers", name)
		}
		if most := sizes[name]; size > 0 && bytes != 64*6*size || bytes > most {
			t.Errorf("%s: %d bytes served for rows of %d, files of %d", name, bytes, 64*6*size, most)
		}
	}
}

// A few rows of a large shard take a few bytes, and all of it one range for each 8 MiB.
func TestS3ReadsRanges(t *testing.T) {
	const n, d = 300_000, 16
	s := startServer(t)
	s.upload(map[string][]byte{"large/a.fbin": fbin(n, d, 0)})
	var set *shard.Set
	if bytes, _ := s.served(func() { set = open(t, s.location(bucketName, "large/*.fbin")) }); bytes > 64<<10 {
		t.Errorf("%d bytes served for a header", bytes)
	}
	some := make([]float32, 10*d)
	bytes, requests := s.served(func() {
		if err := set.Read(t.Context(), 1000, 1010, some); err != nil || !wholeNumbers(some, 1000*d) {
			t.Error(err, some[:3])
		}
	})
	if bytes != 10*d*4 || requests != 1 {
		t.Errorf("%d bytes in %d requests", bytes, requests)
	}
	all := make([]float32, n*d)
	bytes, requests = s.served(func() {
		if err := set.Read(t.Context(), 0, n, all); err != nil || !wholeNumbers(all, 0) {
			t.Error(err)
		}
	})
	if bytes != n*d*4 || requests != 3 {
		t.Errorf("%d bytes in %d requests", bytes, requests)
	}
}

// A connection that breaks, errors of the server and its crash are survived if the server is back in time, and an error with the
// name of the shard and the number of attempts otherwise. What was received is not requested again.
func TestS3Interruptions(t *testing.T) {
	const n, d = 20_000, 8
	s := startServer(t)
	s.upload(map[string][]byte{"a/part.fbin": fbin(n, d, 7)})
	var notes strings.Builder
	set := openWith(t, s.location(bucketName, "a"), shard.Options{Notes: &notes, Attempts: 4, Wait: 5 * time.Millisecond})
	patient := openWith(t, s.location(bucketName, "a"), shard.Options{Attempts: 300, Wait: 5 * time.Millisecond})
	all := make([]float32, n*d)
	read := func() error { return set.Read(t.Context(), 0, n, all) }
	for name, harm := range map[string]func(){"cut": func() { s.cut.Store(100_000) }, "refused": func() { s.refuse.Store(3) }} {
		notes.Reset()
		bytes, _ := s.served(func() {
			harm()
			if err := read(); err != nil || !wholeNumbers(all, 7) {
				t.Errorf("%s: %v", name, err)
			}
		})
		// What the proxy had read and not yet sent when it broke the connection is served twice.
		if bytes < n*d*4 || bytes > n*d*4+100_000 || !strings.Contains(notes.String(), "a/part.fbin: attempt 1 of 4 to read bytes 8 to 640008 of it failed") {
			t.Errorf("%s: %d bytes served; %s", name, bytes, notes.String())
		}
	}
	s.cut.Store(100_000)
	s.kill()
	testkit.WantMentions(t, "killed", read(), "s3://vectors/a/part.fbin: 4 attempts in ", "to read bytes 8 to 640008 of it failed; the last: ")
	back := make(chan error)
	go func() {
		time.Sleep(50 * time.Millisecond)
		back <- s.start()
	}()
	err := patient.Read(t.Context(), 0, n, all)
	if started := <-back; started != nil {
		t.Fatal(started)
	}
	if err != nil || !wholeNumbers(all, 7) {
		t.Errorf("after a restart: %v", err)
	}
}

// Locations that cannot be read are named with the reason, without repetition.
func TestS3Refuses(t *testing.T) {
	s := startServer(t)
	s.upload(map[string][]byte{"a/part.fbin": fbin(3, 2, 0), "a/deep/other.fbin": fbin(3, 2, 0), "b/note.txt": nil})
	for says, location := range map[string]string{
		"s3://nowhere/a/: does not exist":                       s.location("nowhere", "a"),
		"b?endpoint=":                                           s.location(bucketName, "b"),
		"holds no shards":                                       s.location(bucketName, "a/deep/*.npy"),
		"s3://vectors/a/none.fbin: file does not exist":         s.location(bucketName, "a/none.fbin"),
		"no driver for gcs://":                                  "gcs://bucket/a",
		"unknown query parameter \"colour\"":                    s.location(bucketName, "a") + "&colour=red",
		"a/part.fbin: holds one matrix, there is no \"vector\"": s.location(bucketName, "a") + "&column=vector",
	} {
		_, err := shard.Open(t.Context(), location)
		testkit.WantMentions(t, location, err, says)
	}
	set := open(t, s.location(bucketName, "a"))
	if set.Len() != 3 {
		t.Errorf("%d rows: folders below are read", set.Len())
	}
	s.upload(map[string][]byte{"a/part.fbin": fbin(3, 2, 1)})
	testkit.WantMentions(t, "changed", set.Read(t.Context(), 0, 3, make([]float32, 6)), "s3://vectors/a/part.fbin: was changed or replaced")
	if again := open(t, s.location(bucketName, "a")); again.Fingerprint() == set.Fingerprint() {
		t.Error("the fingerprint of changed shards is the same")
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	_, err := shard.Open(t.Context(), s.location(bucketName, "a"))
	testkit.WantMentions(t, "wrong secret", err, "s3://vectors/a/: no permission with these credentials")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	_, err = shard.Open(t.Context(), s.location(bucketName, "a"))
	testkit.WantMentions(t, "no credentials", err, "s3://vectors/a/: there are no credentials (set AWS_ACCESS_KEY_ID")
}

// A work folder in a bucket holds whole files with checksums, and of many writers of a new file one writes it.
func TestS3Folder(t *testing.T) {
	s := startServer(t)
	f, err := shard.OpenFolder(t.Context(), s.location(bucketName, "jobs/one"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	oneWriter(t, f)
	if err := f.Put(t.Context(), "plan.json", []byte("{}")); err != nil {
		t.Error(err)
	}
	if names, err := f.List(t.Context(), ""); err != nil || !slices.Equal(names, []string{"plan.json", "results/a"}) {
		t.Error(names, err)
	}
	s.upload(map[string][]byte{"jobs/one/results/a": []byte("half a result")})
	_, err = f.Get(t.Context(), "results/a")
	testkit.WantMentions(t, "damaged", err, "s3://vectors/jobs/one/results/a: is truncated")
	deletes(t, f)
}
