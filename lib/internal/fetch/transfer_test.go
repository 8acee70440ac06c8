package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestGetResumesAfterCut(t *testing.T) {
	var ranges []string
	url, _ := serve(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if n == 0 {
			cutAfter(w, 1<<20)
		}
		whole(n, w, r)
	})
	path, err := impatient.get(t.Context(), fileAt(url), t.TempDir(), io.Discard)
	wantContent(t, path, err)
	if len(ranges) != 2 || ranges[0] != "" || ranges[1] != "bytes=1048576-" {
		t.Errorf("requested ranges %q, want none and then bytes=1048576-", ranges)
	}
}

// A download resumes from the .part file of an earlier process that was killed.
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
	path, err := impatient.get(t.Context(), fileAt(url), dir, io.Discard)
	wantContent(t, path, err)
	if first != "bytes=12345-" {
		t.Errorf("requested %q, want bytes=12345-", first)
	}
}

func TestGetFromServerWithoutRange(t *testing.T) {
	url, _ := serve(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			cutAfter(w, 1<<20)
		}
		w.Write(content)
	})
	path, err := impatient.get(t.Context(), fileAt(url), t.TempDir(), io.Discard)
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
	shortIdle := &client{idle: 200 * time.Millisecond, pause: time.Millisecond, attempts: 30}
	path, err := shortIdle.get(t.Context(), fileAt(url), t.TempDir(), &progress)
	wantContent(t, path, err)
	if !strings.Contains(progress.String(), errStalled.Error()) {
		t.Errorf("progress does not say that the server stalled: %q", progress.String())
	}
}

// If the server always closes the connection at the same byte, get fails and keeps the bytes for the next call.
func TestGetGivesUpAndKeepsPart(t *testing.T) {
	url, requests := serve(t, func(_ int64, w http.ResponseWriter, _ *http.Request) { cutAfter(w, 1000) })
	dir := t.TempDir()
	_, err := impatient.get(t.Context(), fileAt(url), dir, io.Discard)
	wantError(t, err, url, "1000 of 3145745 bytes", "run the same command to continue", "copy the file from another machine to "+filepath.Join(dir, "data.bin"))
	wantPart(t, dir, 1000)
	if n := requests.Load(); n != 4 {
		t.Errorf("%d requests, want 4: one that transfers bytes, three that transfer none", n)
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
	_, err := impatient.get(ctx, fileAt(url), dir, io.Discard)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data.bin.part")); err != nil {
		t.Errorf("no .part file to resume from: %v", err)
	}
}

func TestGetStatus(t *testing.T) {
	url, requests := serve(t, func(_ int64, w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusNotFound) })
	_, err := impatient.get(t.Context(), fileAt(url), t.TempDir(), io.Discard)
	wantError(t, err, url, "404")
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests for a file that does not exist, want 1", n)
	}
	url, _ = serve(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		if n < 2 {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		whole(n, w, r)
	})
	path, err := impatient.get(t.Context(), fileAt(url), t.TempDir(), io.Discard)
	wantContent(t, path, err)
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
		t.Errorf("%v is not final", err)
	}
	wantError(t, err, "no space left", "1000 of 2000 bytes", "free some space")
}
