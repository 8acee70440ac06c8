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

// downloads is the manifest, a JSON object of entries by name.
//
//go:embed downloads.json
var downloads []byte

// Entry is an entry of the manifest: a file, or an archive whose Members are unpacked into Folder.
//
// Sizes and checksums come from other projects. STL-10: the URL and the MD5 of the archive and of its files are those of
// torchvision (datasets/stl10.py). Imagenette: the URL and the MD5 are those of torchvision (datasets/imagenette.py), the size
// and the SHA-256 those of TensorFlow Datasets (datasets/imagenette/checksums.tsv; the earlier url_checksums/imagenette.txt
// describes an archive that has since been replaced); a DVC file of github.com/estmon8u-org/team-zeal-project lists the same
// MD5 with the same size. Weights: the file names of PyTorch contain the first digits of the SHA-256. SIFT vectors of
// TEXMEX (corpus-texmex.irisa.fr, which publishes the FTP address): the MD5 is that of MD5SUM in the same folder, as projects
// quote it that check their downloads; sizes and SHA-256 are what several such projects found.
type Entry struct {
	File
	Folder  string   `json:"folder"`
	Members []Member `json:"members"`
}

func manifest() map[string]Entry {
	var entries map[string]Entry
	if err := json.Unmarshal(downloads, &entries); err != nil {
		panic(fmt.Sprintf("downloads.json: %v", err)) // the file is embedded
	}
	return entries
}

// Names returns the names of the manifest's entries in alphabetical order.
func Names() []string { return slices.Sorted(maps.Keys(manifest())) }

// Named returns the manifest's entry of the given name.
func Named(name string) (Entry, error) {
	e, ok := manifest()[name]
	if !ok {
		return e, fmt.Errorf("no download %q: want one of %s", name, strings.Join(Names(), ", "))
	}
	return e, nil
}

// Path returns the path of the downloaded file or folder in home.
func (e Entry) Path(home string) string {
	if e.Folder != "" {
		return filepath.Join(home, e.Folder)
	}
	return filepath.Join(home, e.Name)
}

// Download downloads and checks the entry, unpacks it if it is an archive, and returns its path in home. A file or folder that
// exists is only checked. The archive is removed after it has been unpacked.
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
