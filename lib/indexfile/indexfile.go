// Package indexfile reads the files in which FAISS, hnswlib and usearch store their HNSW indexes: the graph, the vectors, the
// external IDs, the deleted marks and the parameters. It reads bytes and calls none of these libraries.
//
// A file is never trusted. Every length is compared with the bytes that are left before memory is allocated for it, every link
// with the number of nodes. Errors name the file and the field. The memory that Open allocates is proportional to the size of
// the file.
package indexfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// Format is the format of an index file, named after the library that writes it.
type Format string

// The formats.
const (
	FAISS   Format = "faiss"   // IndexHNSWFlat, also inside IndexIDMap and IndexIDMap2, as write_index writes it
	HNSWLib Format = "hnswlib" // HierarchicalNSW<float>, as saveIndex writes it
	USearch Format = "usearch" // index_dense of version 2, as save writes it
)

// Formats lists every format.
var Formats = []Format{FAISS, HNSWLib, USearch}

// ParseFormat returns the format with the given name.
func ParseFormat(name string) (Format, error) {
	for _, f := range Formats {
		if strings.EqualFold(name, string(f)) {
			return f, nil
		}
	}
	return "", fmt.Errorf("format %q: must be faiss, hnswlib or usearch", name)
}

// Options state what a file does not.
type Options struct {
	Format     Format      // "" means that the first bytes decide
	Dimensions int         // of the vectors; required for hnswlib, whose files state bytes alone. Zero means as the file states.
	Metric     *ann.Metric // required for hnswlib. Nil means as the file states.
}

// Index is the content of an index file. Node i of the graph has row i of the vectors.
type Index struct {
	Path    string
	Format  Format
	Class   string // class and scalar type, such as "IndexIDMap2 of IndexHNSWFlat" or "index_dense, bf16"
	Version string // of the library that wrote the file; "" if the file does not state it

	Metric  ann.Metric  // whose nearest neighbours the index looks for
	Vectors ann.Vectors // as the file holds them, converted to float32
	Graph   *hnsw.Graph
	Deleted []bool // nodes that are marked as deleted; nil means none

	M, Ground      int // maximum number of links of a node on the upper levels, and on level 0
	EfConstruction int // zero if the file does not state it
	EfSearch       int // zero if the file does not state it

	ids    []uint64 // external IDs; nil means the number of the node
	signed bool     // whether external IDs are signed
	scalar *scalar  // usearch's type of the coordinates; nil means float32
}

// Len returns the number of nodes, with those that are marked as deleted.
func (x *Index) Len() int { return x.Vectors.N }

// ID returns the external ID of a node: of FAISS's IDMap, hnswlib's label, or usearch's key.
func (x *Index) ID(node int32) string {
	switch {
	case x.ids == nil:
		return strconv.Itoa(int(node))
	case x.signed:
		return strconv.FormatInt(int64(x.ids[node]), 10)
	}
	return strconv.FormatUint(x.ids[node], 10)
}

// Rows returns the row number that each external ID is, or nil if an ID is not a number below rows. Nodes that are marked as
// deleted have row −1 if their ID is not.
func (x *Index) Rows(rows int) []int32 {
	of := make([]int32, x.Len())
	for i := range of {
		of[i] = int32(i)
		if x.ids != nil {
			of[i] = -1
			if x.ids[i] < uint64(rows) {
				of[i] = int32(x.ids[i])
			}
		}
		if int(of[i]) >= rows {
			of[i] = -1
		}
		if of[i] < 0 && !x.IsDeleted(int32(i)) {
			return nil
		}
	}
	return of
}

// IsDeleted reports whether a node is marked as deleted.
func (x *Index) IsDeleted(node int32) bool { return x.Deleted != nil && x.Deleted[node] }

// Live returns the number of nodes that are not marked as deleted.
func (x *Index) Live() int {
	n := x.Len()
	for _, deleted := range x.Deleted {
		if deleted {
			n--
		}
	}
	return n
}

// Policy returns what the library does when k exceeds efSearch.
func (x *Index) Policy() hnsw.Policy {
	if x.Format == FAISS {
		return hnsw.Pad
	}
	return hnsw.Raise
}

// DefaultEfSearch returns the efSearch with which the library searches the index after it has read the file, unless the program
// sets another.
func (x *Index) DefaultEfSearch() int {
	switch x.Format {
	case HNSWLib:
		return 10
	case USearch:
		return 64
	}
	return x.EfSearch
}

// adopt sets the graph. An error names the field that holds the links.
func (x *Index) adopt(field string, links hnsw.Links) (err error) {
	links.Ground = x.Ground
	if x.Graph, err = hnsw.Adopt(hnsw.Options{M: x.M}, links); err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	return nil
}

// Open reads an index file.
func Open(path string, o Options) (*Index, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe waits for its other end
		return nil, fmt.Errorf("%s: is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	x, err := read(f, info.Size(), o)
	if err == nil {
		err = checkUnchanged(f, info)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	x.Path = path
	return x, nil
}

// checkUnchanged returns an error if the file was modified after it was opened.
func checkUnchanged(f *os.File, before fs.FileInfo) error {
	now, err := f.Stat()
	if err == nil && (now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime())) {
		err = errors.New("was changed while it was read")
	}
	return err
}
