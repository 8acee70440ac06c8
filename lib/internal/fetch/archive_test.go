package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// packed returns a .tar.gz with two members and three other files, which must not be written.
func packed(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for _, entry := range []struct{ name, content string }{
		{"photos/readme", "not a member"}, {"../photos/big.bin", "outside"}, {"other/names.txt", "another folder"},
		{"photos/big.bin", string(content)}, {"./photos/names.txt", "cat\ndog\n"},
	} {
		header := &tar.Header{Name: entry.name, Mode: 0o600, Size: int64(len(entry.content)), Typeflag: tar.TypeReg}
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, entry.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func contentSum() string {
	weak := md5.Sum(content)
	return hex.EncodeToString(weak[:])
}

func photos() []Member {
	return []Member{{Name: "big.bin", Bytes: int64(len(content)), MD5: contentSum()}, {Name: "names.txt"}}
}

func archiveFile(t *testing.T, data []byte) (archive, dir string) {
	t.Helper()
	home := t.TempDir()
	archive = filepath.Join(home, "photos.tar.gz")
	if err := os.WriteFile(archive, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return archive, filepath.Join(home, "photos")
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return fmt.Sprint(list)
}

func TestUnpack(t *testing.T) {
	archive, dir := archiveFile(t, packed(t))
	if err := os.MkdirAll(filepath.Join(dir+".part", "left by a killed process"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Unpack(t.Context(), archive, dir, photos(), io.Discard); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); got != "[big.bin names.txt]" {
		t.Errorf("unpacked %s", got)
	}
	if got := names(t, filepath.Dir(dir)); got != "[photos photos.tar.gz]" {
		t.Errorf("in its parent folder: %s", got)
	}
	if err := verifyMembers(t.Context(), dir, photos()); err != nil {
		t.Error(err)
	}
}

func TestUnpackRefuses(t *testing.T) {
	data := packed(t)
	wrongSum, wrongSize, extra := photos(), photos(), append(photos(), Member{Name: "labels.bin"})
	wrongSum[0].MD5 = "00"
	wrongSize[0].Bytes = 5
	flipped := bytes.Clone(data)
	flipped[len(flipped)/2] ^= 1
	for name, c := range map[string]struct {
		data    []byte
		members []Member
		wants   []string
	}{
		"truncated": {data[:len(data)/2], photos(), []string{"photos.tar.gz", "big.bin", "unexpected EOF"}},
		"empty":     {nil, photos(), []string{"photos.tar.gz", "EOF"}},
		"no gzip":   {[]byte("this is not an archive"), photos(), []string{"photos.tar.gz", "invalid header"}},
		"flipped":   {flipped, photos(), []string{"photos.tar.gz"}},
		"checksum":  {data, wrongSum, []string{"photos.tar.gz", "big.bin", "md5 " + contentSum(), "want 00"}},
		"size":      {data, wrongSize, []string{"photos.tar.gz", "big.bin", "3145745 bytes, want 5"}},
		"missing":   {data, extra, []string{"photos.tar.gz", "no photos/labels.bin"}},
	} {
		archive, dir := archiveFile(t, c.data)
		wantError(t, Unpack(t.Context(), archive, dir, c.members, io.Discard), c.wants...)
		if got := names(t, filepath.Dir(dir)); got != "[photos.tar.gz]" {
			t.Errorf("%s: left %s, want the archive alone", name, got)
		}
	}
}

// listed returns an archive of the given entries.
func listed(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for _, header := range entries {
		header.Mode = 0o600
		if err := w.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
		w.Write(make([]byte, header.Size))
	}
	if err := errors.Join(w.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func jpegFile(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeReg, Size: 4} }

// A member with a pattern stands for all files that match it, and their number is checked. No other file of the archive is
// written.
func TestUnpackPattern(t *testing.T) {
	cats := []Member{{Name: "train/*/*.JPEG", Files: 2}}
	one, two := jpegFile("photos/train/cat/1.JPEG"), jpegFile("photos/train/dog/1.JPEG")
	archive, dir := archiveFile(t, listed(t, one, jpegFile("photos/train/../../../outside.JPEG"), jpegFile("/photos/train/cat/3.JPEG"),
		jpegFile("photos/train/cat/deep/4.JPEG"), jpegFile("photos/train/../5.JPEG"), jpegFile("photos/list.csv"), two))
	if err := Unpack(t.Context(), archive, dir, cats, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir) + names(t, filepath.Join(dir, "train", "cat")) + names(t, filepath.Join(dir, "train", "dog")); got != "[train][1.JPEG][1.JPEG]" {
		t.Errorf("unpacked %s", got)
	}
	if got := names(t, filepath.Dir(dir)); got != "[photos photos.tar.gz]" {
		t.Errorf("in its parent folder: %s", got)
	}
	if err := verifyMembers(t.Context(), dir, cats); err != nil {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(dir, "train", "dog", "1.JPEG")); err != nil {
		t.Fatal(err)
	}
	wantError(t, verifyMembers(t.Context(), dir, cats), dir, "1 files train/*/*.JPEG, want 2")
}

func TestUnpackPatternRefuses(t *testing.T) {
	cats := []Member{{Name: "train/*/*.JPEG", Files: 2}}
	one, two := jpegFile("photos/train/cat/1.JPEG"), jpegFile("photos/train/dog/1.JPEG")
	large := jpegFile("photos/train/cat/3.JPEG")
	large.Size = maxUnknownBytes + 1
	link := tar.Header{Name: "photos/train/cat/2.JPEG", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}
	hard := tar.Header{Name: "photos/train/cat/2.JPEG", Typeflag: tar.TypeLink, Linkname: "photos/train/cat/1.JPEG"}
	whole := listed(t, one, two)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"too few":   {listed(t, one), "1 files photos/train/*/*.JPEG in the archive, want 2"},
		"too many":  {listed(t, one, two, jpegFile("photos/train/dog/2.JPEG")), "3 files photos/train/*/*.JPEG in the archive, want 2"},
		"twice":     {listed(t, one, one), "train/cat/1.JPEG: openat train/cat/1.JPEG: file exists"},
		"link":      {listed(t, one, link), "train/cat/2.JPEG: not the file expected: tar's type '2'"},
		"hard link": {listed(t, one, hard), "train/cat/2.JPEG: not the file expected: tar's type '1'"},
		"large":     {listed(t, one, large), "train/cat/3.JPEG: not the file expected: 1048577 bytes, want at most 1048576"},
		"truncated": {whole[:len(whole)-20], "unexpected EOF"},
	} {
		archive, dir := archiveFile(t, c.data)
		wantError(t, Unpack(t.Context(), archive, dir, cats, io.Discard), archive, c.want)
		if got := names(t, filepath.Dir(dir)); got != "[photos.tar.gz]" {
			t.Errorf("%s: left %s, want the archive alone", name, got)
		}
	}
}

func TestUnpackCancelled(t *testing.T) {
	archive, dir := archiveFile(t, packed(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Unpack(ctx, archive, dir, photos(), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if got := names(t, filepath.Dir(dir)); got != "[photos.tar.gz]" {
		t.Errorf("left %s, want the archive alone", got)
	}
}

// TestDownloadArchive downloads and unpacks an archive and removes it. The second call sends no request. The error for a
// damaged file names it.
func TestDownloadArchive(t *testing.T) {
	data := packed(t)
	url, requests := serve(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	})
	e := Entry{File: File{Name: "photos.tar.gz", URL: url, Bytes: int64(len(data))}, Folder: "photos", Members: photos()}
	home := t.TempDir()
	for range 2 {
		dir, err := impatient.downloadArchive(t.Context(), e, home, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if got := names(t, dir); got != "[big.bin names.txt]" {
			t.Errorf("unpacked %s", got)
		}
	}
	if got := names(t, home); got != "[photos]" || requests.Load() != 1 {
		t.Errorf("%s after %d requests, want [photos] after one", got, requests.Load())
	}
	if err := os.Truncate(filepath.Join(home, "photos", "big.bin"), 9); err != nil {
		t.Fatal(err)
	}
	_, err := impatient.downloadArchive(t.Context(), e, home, io.Discard)
	wantError(t, err, "big.bin", "9 bytes, want 3145745", "remove "+filepath.Join(home, "photos"))
}

func TestManifest(t *testing.T) {
	if got := fmt.Sprint(Names()); got != "[imagenet1k_v1 imagenet1k_v2 imagenette sift1m siftsmall stl10]" {
		t.Errorf("the manifest offers %s", got)
	}
	for _, name := range Names() {
		e, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if e.Name == "" || e.URL == "" || e.Bytes < 1<<20 || len(e.SHA256) != 64 || e.Folder != "" && len(e.Members) == 0 {
			t.Errorf("%s is incomplete: %+v", name, e)
		}
	}
	_, err := Named("cifar")
	wantError(t, err, "cifar", "imagenet1k_v1, imagenet1k_v2, imagenette, sift1m, siftsmall, stl10")
}
