package embedding

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"anncapacity/lib/internal/hdf5"
)

// Names of the data sets in an HDF5 file of ann-benchmarks: the base, the queries, and the IDs of their exact neighbours.
const (
	trainSet     = "train"
	TestSet      = "test"
	NeighborsSet = "neighbors"
)

// Companion returns FILE.hdf5:set if path is FILE.hdf5 or FILE.hdf5:train and the file has the data set, otherwise "". For a file
// that cannot be read it returns an error.
func Companion(path, set string) (string, error) {
	file, member := splitMember(path)
	if f, ok := formatOf(file); !ok || f.extensions[0] != ".hdf5" || member != "" && strings.Trim(member, "/") != trainSet {
		return "", nil
	}
	s, err := openSource(file, "", io.Discard)
	if err != nil {
		return "", err
	}
	defer s.Close()
	h, err := hdf5.Open(s, s.size)
	if err == nil {
		_, err = h.Dataset(set)
	}
	switch {
	case errors.Is(err, hdf5.ErrNotFound):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return file + ":" + set, nil
}
