package fetch

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// downloads is the manifest, a JSON object of name → file.
//
//go:embed downloads.json
var downloads []byte

// Entry is a download of the manifest: a file, or an archive of which Members go to Folder.
//
// The pins come from other projects. STL-10: addresses, MD5 of the archive and of its files are torchvision's (datasets/stl10.py).
// Imagenette: the address and the MD5 are torchvision's (datasets/imagenette.py), size and SHA-256 TensorFlow Datasets'
// (datasets/imagenette/checksums.tsv; its earlier url_checksums/imagenette.txt has the archive before it was replaced); a DVC file of
// github.com/estmon8u-org/team-zeal-project has this MD5 with this size. Weights: the names that PyTorch gave the files begin their SHA-256.
type Entry struct {
	File
	Folder  string   `json:"folder"`
	Members []Member `json:"members"`
}

func manifest() map[string]Entry {
	var entries map[string]Entry
	if err := json.Unmarshal(downloads, &entries); err != nil {
		panic(fmt.Sprintf("downloads.json: %v", err)) // embedded: a mistake of the program
	}
	return entries
}

// Names are what the manifest offers, in alphabetical order.
func Names() []string { return slices.Sorted(maps.Keys(manifest())) }

// Named is the manifest's entry of that name.
func Named(name string) (Entry, error) {
	e, ok := manifest()[name]
	if !ok {
		return e, fmt.Errorf("no download %q: want one of %s", name, strings.Join(Names(), ", "))
	}
	return e, nil
}

// Path is where the entry lies in home once it is downloaded: a file, or a folder.
func (e Entry) Path(home string) string {
	if e.Folder != "" {
		return filepath.Join(home, e.Folder)
	}
	return filepath.Join(home, e.Name)
}

// Download makes sure that home holds the entry, whole and checked, and returns its path. An archive is removed when it is
// unpacked.
func (e Entry) Download(ctx context.Context, home string, progress io.Writer) (string, error) {
	if e.Folder == "" {
		return Get(ctx, e.File, home, progress)
	}
	return standardClient.downloadArchive(ctx, e, home, progress)
}

func (c *client) downloadArchive(ctx context.Context, e Entry, home string, progress io.Writer) (string, error) {
	dir := e.Path(home)
	switch _, err := os.Stat(dir); {
	case err == nil:
		if err := verifyMembers(ctx, dir, e.Members); err != nil {
			return "", fmt.Errorf("%w: remove %s to download it again", err, dir)
		}
		return dir, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	archive, err := c.get(ctx, e.File, home, progress)
	if err != nil {
		return "", err
	}
	if err := Unpack(ctx, archive, dir, e.Members, progress); err != nil {
		return "", err
	}
	return dir, os.Remove(archive)
}
