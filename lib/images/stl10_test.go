package images

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// The images of the binary file are compared with the same images as PNG files, both written by NumPy and Pillow.
func TestSTL10EqualsPNG(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		dir := t.TempDir()
		peers.Ask(t, testkit.Question{Name: "stl10", Folder: dir, Script: "stl10.py", Args: []string{"."}})
		d, err := OpenSTL10(dir, Train)
		if err != nil {
			t.Fatal(err)
		}
		classes, err := os.ReadFile(filepath.Join(dir, "classes.txt"))
		if err != nil || d.Len() != 3 {
			t.Fatalf("%d images, want 3; %v", d.Len(), err)
		}
		for i, class := range strings.Fields(string(classes)) {
			checkSTL10Image(t, d, i, filepath.Join(dir, strconv.Itoa(i)+".png"), class)
		}
	})
}

// Images of STL-10 itself are compared.
func TestSTL10ItselfEqualsPNG(t *testing.T) {
	if !testkit.HasShared(t, "images of STL-10; TestSTL10EqualsPNG checks drawn ones", "data/stl10_mini", "data/stl10") {
		return
	}
	dir := testkit.Shared(t, "data/stl10_mini")
	d, err := OpenSTL10(dir, Train)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(dir, "files.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if d.Len() != len(rows)-1 || d.Len() == 0 {
		t.Fatalf("%d images, want the %d of files.csv", d.Len(), len(rows)-1)
	}
	for _, row := range rows[1:] {
		i, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		checkSTL10Image(t, d, i, testkit.Shared(t, "data/stl10/train/"+row[2]+"/"+row[1]), row[2])
	}
}

func checkSTL10Image(t *testing.T, d Dataset, i int, path, class string) {
	t.Helper()
	if d.Class(i) != class {
		t.Errorf("image %d has class %q, want %q", i, d.Class(i), class)
	}
	got, err := Load(d, i)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := decode(content)
	if err != nil {
		t.Fatal(err)
	}
	if got.Width != 96 || got.Height != 96 || !slices.Equal(got.Pix, want.Pix) {
		t.Errorf("image %d differs from %s", i, path)
	}
}

const tenNames = "airplane\nbird\ncar\ncat\ndeer\ndog\nhorse\nmonkey\nship\ntruck\n"

// writeSTL10 writes a split in which all bytes of an image are its number.
func writeSTL10(t *testing.T, split Split, images int, labels, names string) string {
	dir := t.TempDir()
	var pixels bytes.Buffer
	for i := range images {
		pixels.Write(bytes.Repeat([]byte{byte(i)}, stl10Bytes))
	}
	write(t, filepath.Join(dir, string(split)+"_X.bin"), pixels.String())
	write(t, filepath.Join(dir, string(split)+"_y.bin"), labels)
	write(t, filepath.Join(dir, "class_names.txt"), names)
	return dir
}

func TestSTL10Splits(t *testing.T) {
	d, err := OpenSTL10(writeSTL10(t, Test, 3, "\x01\x0a\x02", tenNames), Test)
	if err != nil {
		t.Fatal(err)
	}
	if d.Name() != "stl10" || d.Len() != 3 || d.ID(2) != "test/000002" || d.Class(1) != "truck" {
		t.Errorf("%s, %d images, %s, class %s", d.Name(), d.Len(), d.ID(2), d.Class(1))
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "unlabeled_X.bin"), strings.Repeat("\x07", 2*stl10Bytes))
	if d, err = OpenSTL10(dir, Unlabeled); err != nil {
		t.Fatal(err)
	}
	m, err := Load(d, 1)
	if err != nil {
		t.Fatal(err)
	}
	if d.Len() != 2 || d.ID(1) != "unlabeled/000001" || d.Class(1) != "" || m.Pix[0] != 7 {
		t.Errorf("%d images, %s, class %q, first byte %d", d.Len(), d.ID(1), d.Class(1), m.Pix[0])
	}
}

func TestSTL10Layout(t *testing.T) {
	content := make([]byte, stl10Bytes)
	content[1*9216+5*96+7] = 200 // green of column 5, row 7
	m, err := (&stl10{}).Decode(content)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Pix[3*(7*96+5)+1]; got != 200 {
		t.Errorf("green at column 5, row 7 is %d, want 200", got)
	}
	_, err = (&stl10{}).Decode(content[1:])
	wantError(t, err, "27647 bytes, want 27648")
}

func TestSTL10Refuses(t *testing.T) {
	truncated := writeSTL10(t, Train, 2, "\x01\x02", tenNames)
	if err := os.Truncate(filepath.Join(truncated, "train_X.bin"), 2*stl10Bytes-1); err != nil {
		t.Fatal(err)
	}
	noLabels := writeSTL10(t, Train, 1, "", tenNames)
	if err := os.Remove(filepath.Join(noLabels, "train_y.bin")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir   string
		wants []string
	}{
		{truncated, []string{"train_X.bin", "55295 bytes", "multiple of 27648"}},
		{writeSTL10(t, Train, 0, "", tenNames), []string{"train_X.bin", "0 bytes"}},
		{writeSTL10(t, Train, 2, "\x01", tenNames), []string{"train_y.bin", "1 labels, want 2"}},
		{writeSTL10(t, Train, 2, "\x01\x0b", tenNames), []string{"train_y.bin", "label 11 at byte 1", "1…10"}},
		{writeSTL10(t, Train, 2, "\xff\x01", tenNames), []string{"train_y.bin", "label 255 at byte 0"}},
		{writeSTL10(t, Train, 1, "\x00", tenNames), []string{"train_y.bin", "label 0 at byte 0"}},
		{writeSTL10(t, Train, 1, "\x01", "cat dog"), []string{"class_names.txt", "2 names, want 10"}},
		{noLabels, []string{"train_y.bin", "no such file"}},
		{t.TempDir(), []string{"train_X.bin", "no such file"}},
	} {
		_, err := OpenSTL10(c.dir, Train)
		wantError(t, err, c.wants...)
	}
	_, err := OpenSTL10(t.TempDir(), "validation")
	wantError(t, err, `no split "validation"`)
}

// The file is truncated while it is open.
func TestSTL10ContentRefuses(t *testing.T) {
	dir := writeSTL10(t, Train, 2, "\x01\x02", tenNames)
	d, err := OpenSTL10(dir, Train)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, "train_X.bin"), stl10Bytes+100); err != nil {
		t.Fatal(err)
	}
	_, err = d.Content(1)
	wantError(t, err, "train_X.bin", "image 1", "100 of 27648 bytes")
	_, err = d.Content(2)
	wantError(t, err, "train_X.bin", "no image 2")
}

func TestOpenSTL10NamesTheDownload(t *testing.T) {
	t.Setenv("ANNCAPACITY_HOME", t.TempDir())
	_, err := Open(context.Background(), "stl10")
	wantError(t, err, "anncapacity download stl10", "2.6 GB")
	_, err = Open(context.Background(), "")
	wantError(t, err, "generated, imagenette, stl10 or a folder")
}
