package fetch

import (
	"bytes"
	"context"
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

// hasty tries again at once, and soon no more.
var hasty = &client{idle: time.Minute, pause: time.Millisecond, attempts: 3}

// content is larger than the blocks and buffers on its way.
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

// serve answers request number 0, 1, … with handle, and counts them.
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

// cutAfter promises everything and breaks the connection after n bytes.
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
		t.Errorf("%s holds other bytes than the server's", path)
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
		path, err := hasty.get(t.Context(), fileAt(url), dir, io.Discard)
		wantContent(t, path, err)
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests, want one: the file is there the second time", n)
	}
}

func TestGetResumesAfterCut(t *testing.T) {
	var ranges []string
	url, _ := serve(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if n == 0 {
			cutAfter(w, 1<<20)
		}
		whole(n, w, r)
	})
	path, err := hasty.get(t.Context(), fileAt(url), t.TempDir(), io.Discard)
	wantContent(t, path, err)
	if len(ranges) != 2 || ranges[0] != "" || ranges[1] != "bytes=1048576-" {
		t.Errorf("ranges asked for: %q, want none and then bytes=1048576-", ranges)
	}
}

// A .part of an earlier, killed process is gone on with.
func TestGetResumesPart(t *testing.T) {
	var first string
	url, _ := serve(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		first = r.Header.Get("Range")
		whole(n, w, r)
	})
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data.bin.part"), content[:12345], 0o600); err != nil {
		t.Fatal(err)
	}
	path, err := hasty.get(t.Context(), fileAt(url), dir, io.Discard)
	wantContent(t, path, err)
	if first != "bytes=12345-" {
		t.Errorf("asked for %q, want bytes=12345-", first)
	}
}

func TestGetFromServerWithoutRange(t *testing.T) {
	url, _ := serve(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			cutAfter(w, 1<<20)
		}
		w.Write(content)
	})
	path, err := hasty.get(t.Context(), fileAt(url), t.TempDir(), io.Discard)
	wantContent(t, path, err)
}

func TestGetAfterStall(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	url, _ := serve(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		if n > 0 {
			whole(n, w, r)
			return
		}
		w.Header().Set("Content-Length", "3145745")
		w.Write(content[:1<<20])
		w.(http.Flusher).Flush()
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	var progress bytes.Buffer
	restless := &client{idle: 200 * time.Millisecond, pause: time.Millisecond, attempts: 30}
	path, err := restless.get(t.Context(), fileAt(url), t.TempDir(), &progress)
	wantContent(t, path, err)
	if !strings.Contains(progress.String(), errStalled.Error()) {
		t.Errorf("progress does not say that the server stalled: %q", progress.String())
	}
}

// A server that always cuts at the same place: an error in the end, and what came stays for the next time.
func TestGetGivesUpAndKeepsPart(t *testing.T) {
	url, requests := serve(t, func(_ int64, w http.ResponseWriter, _ *http.Request) { cutAfter(w, 1000) })
	dir := t.TempDir()
	_, err := hasty.get(t.Context(), fileAt(url), dir, io.Discard)
	wantError(t, err, url, "1000 of 3145745 bytes", "run the same command", "bring this file from elsewhere to "+filepath.Join(dir, "data.bin"))
	wantPart(t, dir, 1000)
	if n := requests.Load(); n != 4 {
		t.Errorf("%d requests, want 4: one that brings bytes, three that bring none", n)
	}
}

func wantPart(t *testing.T, dir string, size int64) {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "data.bin.part"))
	if err != nil || info.Size() != size {
		t.Errorf("data.bin.part: %v, %v, want %d bytes", info, err, size)
	}
}

func TestGetCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	url, _ := serve(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "3145745")
		w.Write(content[:1<<20])
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	dir := t.TempDir()
	_, err := hasty.get(ctx, fileAt(url), dir, io.Discard)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data.bin.part")); err != nil {
		t.Errorf("nothing left to go on with: %v", err)
	}
}

func TestGetWrongChecksum(t *testing.T) {
	url, _ := serve(t, whole)
	f := fileAt(url)
	right := f.SHA256
	f.SHA256 = strings.Repeat("0", 64)
	dir := t.TempDir()
	_, err := hasty.get(t.Context(), f, dir, io.Discard)
	wantError(t, err, "data.bin", "sha256 "+right, "want "+f.SHA256, "removed")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("%v, %v are left, want nothing", entries, err)
	}
	f = fileAt(url)
	f.MD5 = strings.Repeat("1", 32)
	_, err = hasty.get(t.Context(), f, dir, io.Discard)
	wantError(t, err, "md5", "want "+f.MD5)
}

func TestGetWrongSize(t *testing.T) {
	url, _ := serve(t, whole)
	for _, size := range []int64{int64(len(content)) - 1, int64(len(content)) + 1} {
		f := fileAt(url)
		f.Bytes = size
		_, err := hasty.get(t.Context(), f, t.TempDir(), io.Discard)
		wantError(t, err, url, "3145745 bytes", "want 31457")
	}
}

// What lies there under the name is the user's: named, not removed.
func TestGetKeepsBadFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "data.bin")
	if err := os.WriteFile(path, content[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := hasty.get(t.Context(), fileAt("http://localhost:1"), dir, io.Discard)
	wantError(t, err, path, "100 bytes, want 3145745", "remove this file")
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestGetStatus(t *testing.T) {
	url, requests := serve(t, func(_ int64, w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusNotFound) })
	_, err := hasty.get(t.Context(), fileAt(url), t.TempDir(), io.Discard)
	wantError(t, err, url, "404")
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests for a file that is not there, want 1", n)
	}
	url, _ = serve(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		if n < 2 {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		whole(n, w, r)
	})
	path, err := hasty.get(t.Context(), fileAt(url), t.TempDir(), io.Discard)
	wantContent(t, path, err)
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
	_, err = hasty.get(t.Context(), fileAt("http://localhost:1"), dir, io.Discard)
	wantError(t, err, "data.bin.part", "another process")
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	_, err = copyBlock(full, 1000, 2000, bytes.NewReader(content))
	final := finalError{}
	if !errors.As(err, &final) {
		t.Errorf("%v would be tried again", err)
	}
	wantError(t, err, "no space left", "1000 of 2000 bytes", "free some space")
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
