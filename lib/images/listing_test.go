package images

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const jpegHead, heicHead = "\xff\xd8\xff\xe0\x00\x10JFIF", "\x00\x00\x00\x18ftypheic"

func listed(d Dataset) []string {
	var all []string
	for i := range d.Len() {
		all = append(all, d.ID(i))
	}
	return all
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, name); err != nil {
		t.Skip(err) // the system has no links
	}
}

// Images that are not read are counted by extension. Other files and names that start with a dot are not mentioned.
func TestNotesCountUnread(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"a/0.JPE": "x", "a/1.tiff": "x", "a/2.WebP": "x", "a/3.dib": "x", "a/4.jfif": "x", "a/5.gif": "x",
		"a/6.heic": heicHead, "a/7.HEIC": "x", "b/8.avif": "x", "b/9.bin": heicHead,
		"b/10": jpegHead, "b/11.jpg~": jpegHead, "b/12.jpg~": jpegHead,
		"b/notes.txt": "BMW and other words of some length", "b/labels.csv": "a,b\n", "b/empty": "", "b/.DS_Store": jpegHead,
		"__MACOSX/b/._1.jpg": "x", "Thumbs.db": "\xd0\xcf\x11\xe0",
	} {
		write(t, filepath.Join(dir, name), content)
	}
	d, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := listed(d), "a/0.JPE a/1.tiff a/2.WebP a/3.dib a/4.jfif a/5.gif"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
	want := []string{
		"4 files are not read: 2 .heic, 1 .avif, 1 .bin (want a JPEG, PNG, WebP, BMP, GIF or TIFF file)",
		"3 files are not read, because their names do not end like those of images: 2 .jpg~, 1 without extension" +
			" (want .jpg, .jpeg, .png, .webp, .bmp, .gif, .tif or .tiff)",
	}
	for _, d := range []Dataset{d, Subset(d, []int32{1})} {
		if got := Notes(d); !slices.Equal(got, want) {
			t.Errorf("notes %q, want %q", got, want)
		}
	}
	if got := Notes(Generated(2, 1)); got != nil {
		t.Errorf("notes %q of generated images", got)
	}
}

func TestFolderOfUnreadImagesNamesThem(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a", "0.heic"), heicHead)
	_, err := OpenFolder(dir)
	wantError(t, err, dir, "no image in this folder", "1 file is not read: 1 .heic")
}

// Linked files and folders are listed under the names of the links. A link to a folder that contains it is named and not
// followed.
func TestFolderFollowsLinks(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	write(t, filepath.Join(elsewhere, "x", "1.png"), "x")
	write(t, filepath.Join(elsewhere, "2.png"), "x")
	write(t, filepath.Join(dir, "a", "0.png"), "x")
	link(t, elsewhere, filepath.Join(dir, "b"))
	link(t, elsewhere, filepath.Join(dir, "c.png")) // a folder with the extension of an image
	link(t, filepath.Join(elsewhere, "2.png"), filepath.Join(dir, "a", "3.png"))
	link(t, "..", filepath.Join(dir, "a", "up"))
	link(t, dir, filepath.Join(elsewhere, "x", "back"))
	link(t, "nowhere", filepath.Join(dir, "gone"))
	d, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := "a/0.png a/3.png b/2.png b/x/1.png c.png/2.png c.png/x/1.png"
	if got := strings.Join(listed(d), " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	notes := []string{
		"links to a folder that contains them are not followed: a/up, b/x/back, c.png/x/back",
		"links without a target are ignored: gone",
	}
	if got := Notes(d); !slices.Equal(got, notes) {
		t.Errorf("notes %q, want %q", got, notes)
	}
	link(t, "nowhere", filepath.Join(dir, "a", "4.jpg"))
	_, err = OpenFolder(dir)
	wantError(t, err, filepath.Join("a", "4.jpg"), "the link has no target")
}

// Nine folders link to one another. The 9! paths through them are not all followed.
func TestFolderOfMutualLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "0.png"), "x")
	for i := range 9 {
		for j := range 9 {
			link(t, filepath.Join(dir, fmt.Sprint(i)), filepath.Join(dir, fmt.Sprint(j), fmt.Sprint("to", i)))
		}
	}
	_, err := OpenFolder(dir)
	wantError(t, err, "more than 10000 links to folders")
}
