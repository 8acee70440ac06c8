package embedding

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// content is a kind of file that is recognized by its first bytes.
type content struct {
	magic     string
	name      string
	extension string // extension of a supported format, "" for other kinds
	advice    string
}

// No magic number is a valid first dimension of .fvecs or .bvecs: as dimensions all are above maxDimension.
var contents = []content{
	{npyMagic, "a NumPy array", ".npy", "name it FILE.npy"},
	{"\x89HDF\r\n\x1a\n", "an HDF5 file", ".hdf5", "name it FILE.hdf5"},
	{"PAR1", "a Parquet file", ".parquet", "name it FILE.parquet"},
	{"PK\x03\x04", "a ZIP archive, as .npz, .pt and .zip are", "", "save one array of it as FILE.npy"},
	{"\x1f\x8b\x08", "compressed by gzip", "", "decompress it with gzip -d"},
	{"\x28\xb5\x2f\xfd", "compressed by zstd", "", "decompress it with zstd -d"},
	{"BZh", "compressed by bzip2", "", "decompress it with bzip2 -d"},
	{"\xfd7zXZ\x00", "compressed by xz", "", "decompress it with xz -d"},
	{"\x80\x04\x95", "a Python pickle", "", "load it in Python; numpy.save('FILE.npy', x) writes an array"},
	{"\x80\x05\x95", "a Python pickle", "", "load it in Python; numpy.save('FILE.npy', x) writes an array"},
	{"ARROW1", "an Arrow (Feather) file", "", "pyarrow.parquet.write_table writes FILE.parquet"},
	{"version https://git-lfs", "a pointer that Git LFS keeps in place of the file", "", "git lfs pull fetches the file"},
	{"<!DOCTYPE", "an HTML page", "", "download the file again"},
	{"<html", "an HTML page", "", "download the file again"},
}

// checkContent returns an error if the file is empty or its first bytes belong to a format without these extensions.
func (s source) checkContent(extensions []string) error {
	if s.size == 0 {
		return errors.New("is empty")
	}
	head := make([]byte, 32)
	n, err := s.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	for _, c := range contents {
		if bytes.HasPrefix(head[:n], []byte(c.magic)) && !slices.Contains(extensions, c.extension) {
			return fmt.Errorf("is %s by its first bytes, not %s: %s", c.name, extensions[0], c.advice)
		}
	}
	return nil
}

// advice is what to do with unsupported files, by extension.
var advice = map[string]string{
	".npz":   "a .npz file holds several arrays: numpy.save('FILE.npy', numpy.load('FILE.npz')['NAME']) saves one",
	".ivecs": "an .ivecs file holds the IDs of neighbours, not embeddings",
	".ibin":  "an .ibin file holds the IDs of neighbours, not embeddings",
	".gz":    "decompress it with gzip -d",
	".zst":   "decompress it with zstd -d",
	".bz2":   "decompress it with bzip2 -d",
	".xz":    "decompress it with xz -d",
	".zip":   "unpack it",
}

// unread returns the explanation of an error for a path without the extension of a supported format.
func unread(path string) string {
	extension, _, _ := strings.Cut(filepath.Ext(path), ":")
	all := "embeddings are read from .npy, .fvecs, .bvecs, .fbin, .u8bin, .i8bin, .parquet (.pq) and .hdf5 (.h5)"
	hint, ok := advice[strings.ToLower(extension)]
	switch {
	case ok:
		return all + "; " + hint
	case strings.ContainsAny(path, "*?["):
		return all + "; a pattern of several files must end in .parquet or .pq"
	}
	return all
}
