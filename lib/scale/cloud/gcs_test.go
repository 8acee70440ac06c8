package cloud

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gocloud.dev/blob"

	"anncapacity/lib/internal/process"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/scale/shard"
)

// startGCS starts a server of Google Cloud Storage (fake-gcs-server) with an empty bucket. Without the program the test is skipped.
func startGCS(t *testing.T) {
	t.Helper()
	path := filepath.Join(testkit.Root(t), ".local", "bin", "fake-gcs-server")
	if _, err := os.Stat(path); err != nil {
		t.Skip("not checked: gs:// (fake-gcs-server is not installed: run `environment/setup.sh gcs`)")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(address)
	folder, err := process.NewFolder("", "gcs")
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	if err := os.MkdirAll(filepath.Join(data, bucketName), 0o755); err != nil { // a folder is a bucket
		t.Fatal(err)
	}
	p, err := process.Start(t.Context(), process.Options{
		Path: path, Folder: folder,
		Args: []string{"-scheme", "http", "-host", "127.0.0.1", "-port", port, "-public-host", address, "-external-url", "http://" + address,
			"-backend", "memory", "-data", data, "-log-level", "warn"},
		Ready: func(ctx context.Context) error {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/storage/v1/b/"+bucketName, nil)
			if err != nil {
				return err
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return err
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusOK {
				return errors.New(response.Status)
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop() })
	t.Setenv("STORAGE_EMULATOR_HOST", address)
}

// uploadGCS writes objects.
func uploadGCS(t *testing.T, objects map[string][]byte) {
	t.Helper()
	b, err := blob.OpenBucket(t.Context(), "gs://"+bucketName)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for key, data := range objects {
		if err := b.WriteAll(t.Context(), key, data, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// Ranges of rows of shards in a bucket have the numbers that were written. Shards that are changed after they were opened, and those that
// do not exist, are named.
func TestGCSShards(t *testing.T) {
	startGCS(t)
	uploadGCS(t, map[string][]byte{"a/0.fbin": fbin(100, 4, 0), "a/1.fbin": fbin(50, 4, 400), "b/readme.txt": {1}})
	set := open(t, "gs://"+bucketName+"/a")
	got := make([]float32, 70*4)
	if err := set.Read(t.Context(), 60, 130, got); err != nil || set.Len() != 150 || !wholeNumbers(got, 240) {
		t.Errorf("%d rows, %v …: %v", set.Len(), got[:4], err)
	}
	uploadGCS(t, map[string][]byte{"a/0.fbin": fbin(100, 4, 7)})
	testkit.WantMentions(t, "changed", set.Read(t.Context(), 0, 150, make([]float32, 600)), "gs://vectors/a/0.fbin: was changed or replaced")
	if open(t, "gs://"+bucketName+"/a").Fingerprint() == set.Fingerprint() {
		t.Error("the fingerprint of changed shards is the same")
	}
	_, err := shard.Open(t.Context(), "gs://"+bucketName+"/a/none.fbin")
	if testkit.WantMentions(t, "absent", err, "gs://vectors/a/none.fbin"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	_, err = shard.Open(t.Context(), "gs://nowhere/a")
	testkit.WantMentions(t, "no bucket", err, "gs://nowhere/a")
}

// Of many writers of a new file in a work folder one writes it.
func TestGCSFolder(t *testing.T) {
	startGCS(t)
	f, err := shard.OpenFolder(t.Context(), "gs://"+bucketName+"/jobs/one")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	oneWriter(t, f)
	if names, err := f.List(t.Context(), ""); err != nil || !slices.Equal(names, []string{"results/a"}) {
		t.Error(names, err)
	}
	deletes(t, f)
}

// The command writes the bytes of exact for vectors and a work folder in a bucket of Google Cloud Storage, too.
func TestScaleExactOnGCS(t *testing.T) {
	const n, d, cut = 900, 8, 350
	startGCS(t)
	dir, data := t.TempDir(), whole(n, d)
	base := filepath.Join(dir, "base.fbin")
	if err := os.WriteFile(base, append(binHeader(n, d), data...), 0o600); err != nil {
		t.Fatal(err)
	}
	uploadGCS(t, map[string][]byte{
		"set/part-0.fbin": append(binHeader(cut, d), data[:cut*d*4]...),
		"set/part-1.fbin": append(binHeader(n-cut, d), data[cut*d*4:]...),
	})
	want, got := filepath.Join(dir, "want.ivecs"), filepath.Join(dir, "got.ivecs")
	anncapacity(t, "exact", "-embeddings", base, "-k", "20", "-out", want)
	scale := []string{"scale", "exact", "-embeddings", "gs://" + bucketName + "/set", "-queries", "all", "-k", "20",
		"-query-block", "300", "-workers", "2", "-work", "gs://" + bucketName + "/jobs/exact", "-out", got}
	anncapacity(t, scale...)
	for _, extension := range []string{".ivecs", ".fvecs"} {
		a, err := os.ReadFile(strings.TrimSuffix(want, ".ivecs") + extension)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(strings.TrimSuffix(got, ".ivecs") + extension)
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: %d bytes differ from %d of exact: %v", extension, len(b), len(a), err)
		}
	}
	if again := anncapacity(t, scale...); !strings.Contains(again, "3 tasks: 0 computed by this run") {
		t.Errorf("the second run: %s", again)
	}
}
