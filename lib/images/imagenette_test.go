package images

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"anncapacity/lib/internal/fetch"
)

// smallImagenette is an archive laid out as imagenette2-160.tgz is, with three photographs to train and one to validate.
func smallImagenette(t *testing.T) []byte {
	t.Helper()
	var photograph, out bytes.Buffer
	if err := jpeg.Encode(&photograph, image.NewGray(image.Rect(0, 0, 213, 160)), nil); err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for _, name := range []string{
		"imagenette2-160/", "imagenette2-160/train/", "imagenette2-160/train/n03394916/",
		"imagenette2-160/train/n03394916/ILSVRC2012_val_00046669.JPEG", "imagenette2-160/train/n03394916/n03394916_58454.JPEG",
		"imagenette2-160/train/n01440764/n01440764_10026.JPEG", "imagenette2-160/val/n01440764/n01440764_141.JPEG",
		"imagenette2-160/noisy_imagenette.csv",
	} {
		header := &tar.Header{Name: name, Mode: 0o755, Typeflag: tar.TypeDir}
		if filepath.Ext(name) != "" {
			header.Typeflag, header.Size = tar.TypeReg, int64(photograph.Len())
		}
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if header.Size > 0 {
			w.Write(photograph.Bytes())
		}
	}
	if err := errors.Join(w.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// servedImagenette is the manifest's entry, with the pins of that archive, on a server that breaks the first connection halfway.
func servedImagenette(t *testing.T, archive []byte) fetch.Entry {
	t.Helper()
	e, err := fetch.Named("imagenette")
	if err != nil {
		t.Fatal(err)
	}
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 1 {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(archive))
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(archive)))
		w.Write(archive[:len(archive)/2])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(server.Close)
	strong, weak := sha256.Sum256(archive), md5.Sum(archive)
	e.URL, e.Bytes, e.SHA256, e.MD5 = server.URL, int64(len(archive)), hex.EncodeToString(strong[:]), hex.EncodeToString(weak[:])
	e.Members[0].Files, e.Members[1].Files = 3, 1
	return e
}

// From the server to the photographs.
func TestImagenette(t *testing.T) {
	e := servedImagenette(t, smallImagenette(t))
	dir, err := e.Download(t.Context(), t.TempDir(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	d, err := openImagenette(dir, e.Members)
	if err != nil {
		t.Fatal(err)
	}
	if d.Name() != "imagenette" || d.Len() != 4 {
		t.Fatalf("%s of %d photographs", d.Name(), d.Len())
	}
	for i, want := range [][2]string{
		{"train/n01440764/n01440764_10026.JPEG", "tench"}, {"train/n03394916/ILSVRC2012_val_00046669.JPEG", "French horn"},
		{"train/n03394916/n03394916_58454.JPEG", "French horn"}, {"val/n01440764/n01440764_141.JPEG", "tench"},
	} {
		m, err := Load(d, i)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{d.ID(i), d.Class(i)}; got != want || m.Width != 213 || m.Height != 160 {
			t.Errorf("photograph %d is %v, %d × %d, want %v", i, got, m.Width, m.Height, want)
		}
	}
	other := filepath.Join(dir, "val", "n00000001")
	if err := os.Rename(filepath.Join(dir, "val", "n01440764"), other); err != nil {
		t.Fatal(err)
	}
	_, err = openImagenette(dir, e.Members)
	wantError(t, err, "val/n00000001/n01440764_141.JPEG is of no class")
	if err := os.RemoveAll(other); err != nil {
		t.Fatal(err)
	}
	_, err = openImagenette(dir, e.Members)
	wantError(t, err, dir, "3 photographs, want Imagenette's 4", "anncapacity download imagenette")
}

func TestOpenImagenette(t *testing.T) {
	home := t.TempDir()
	t.Setenv("ANNCAPACITY_HOME", home)
	_, err := Open(t.Context(), "imagenette")
	wantError(t, err, "imagenette is not at "+filepath.Join(home, "imagenette2-160"), "anncapacity download imagenette", "0.1 GB")
	_, err = Open(t.Context(), "imagenette:val")
	wantError(t, err, `no split "val"`)
	write(t, filepath.Join(home, "imagenette2-160", "train", "n01440764", "one.JPEG"), "a photograph")
	_, err = Open(t.Context(), "imagenette")
	wantError(t, err, "1 photographs, want Imagenette's 13394")
}
