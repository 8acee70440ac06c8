package fetch

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// impatient is a client with short pauses and few attempts.
var impatient = &client{idle: time.Minute, pause: time.Millisecond, attempts: 3}

// content is larger than the blocks and buffers of a transfer.
var content = func() []byte {
	b := make([]byte, 3<<20+17)
	state := uint32(1)
	for i := range b {
		state = state*1664525 + 1013904223
		b[i] = byte(state >> 24)
	}
	return b
}()

func fileAt(url string) File {
	strong, weak := sha256.Sum256(content), md5.Sum(content)
	return File{
		Name: "data.bin", URL: url, Bytes: int64(len(content)),
		SHA256: hex.EncodeToString(strong[:]), MD5: hex.EncodeToString(weak[:]),
	}
}

// serve starts a server that calls handle with the number of the request, from 0, and counts the requests.
func serve(t *testing.T, handle func(n int64, w http.ResponseWriter, r *http.Request)) (url string, requests *atomic.Int64) {
	requests = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handle(requests.Add(1)-1, w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func whole(_ int64, w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "data.bin", time.Time{}, bytes.NewReader(content))
}

// cutAfter announces the whole content and closes the connection after n bytes.
func cutAfter(w http.ResponseWriter, n int) {
	w.Header().Set("Content-Length", "3145745")
	w.Write(content[:n])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func wantContent(t *testing.T, path string, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, content) {
		t.Errorf("the content of %s differs from the server's", path)
	}
	if _, err := os.Stat(path + ".part"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s.part is still there", path)
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want one with %q", err, part)
		}
	}
}

func TestGetOnce(t *testing.T) {
	url, requests := serve(t, whole)
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for range 2 {
		path, err := impatient.get(t.Context(), fileAt(url), dir, io.Discard)
		wantContent(t, path, err)
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests, want one: the file is there the second time", n)
	}
}

func TestGetWrongChecksum(t *testing.T) {
	url, _ := serve(t, whole)
	f := fileAt(url)
	right := f.SHA256
	f.SHA256 = strings.Repeat("0", 64)
	dir := t.TempDir()
	_, err := impatient.get(t.Context(), f, dir, io.Discard)
	wantError(t, err, "data.bin", "sha256 "+right, "want "+f.SHA256, "removed")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("%v, %v are left, want nothing", entries, err)
	}
	f = fileAt(url)
	f.MD5 = strings.Repeat("1", 32)
	_, err = impatient.get(t.Context(), f, dir, io.Discard)
	wantError(t, err, "md5", "want "+f.MD5)
}

func TestGetWrongSize(t *testing.T) {
	url, _ := serve(t, whole)
	for _, size := range []int64{int64(len(content)) - 1, int64(len(content)) + 1} {
		f := fileAt(url)
		f.Bytes = size
		_, err := impatient.get(t.Context(), f, t.TempDir(), io.Discard)
		wantError(t, err, url, "3145745 bytes", "want 31457")
	}
}

// A file that exists under the name belongs to the user: an error names it, and it is not removed.
func TestGetKeepsBadFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "data.bin")
	if err := os.WriteFile(path, content[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := impatient.get(t.Context(), fileAt("http://localhost:1"), dir, io.Discard)
	wantError(t, err, path, "100 bytes, want 3145745", "remove this file")
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestGetTwiceAtATime(t *testing.T) {
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "data.bin.part"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := lock(file); err != nil {
		t.Fatal(err)
	}
	_, err = impatient.get(t.Context(), fileAt("http://localhost:1"), dir, io.Discard)
	wantError(t, err, "data.bin.part", "another process")
}

func TestHome(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("ANNCAPACITY_HOME", dir)
	if home, err := Home(); home != dir || err != nil {
		t.Errorf("%s, %v, want %s", home, err, dir)
	}
	t.Setenv("ANNCAPACITY_HOME", "")
	t.Setenv("XDG_CACHE_HOME", dir)
	if home, err := Home(); home != filepath.Join(dir, "anncapacity") || err != nil {
		t.Errorf("%s, %v, want anncapacity in %s", home, err, dir)
	}
}
