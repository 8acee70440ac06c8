// Package shard reads vectors from shards in a folder or in a bucket of an object store, by ranges of rows, and keeps the work
// folder of a long computation.
//
// A location is a folder, a file or a pattern such as folder/part-*.npy, as a path or as a URL: file:///folder, s3://bucket/prefix
// or gs://bucket/prefix. What follows the question mark of a URL is for the driver of gocloud.dev/blob, except column=NAME, which
// selects the column of Parquet files; in a path, FOLDER:column does. The drivers of s3 and gs are in package
// anncapacity/lib/scale/cloud, which the command of `make cloud` imports.
package shard

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"anncapacity/lib/embedding"
)

// Shard is a file or object of a set.
type Shard struct {
	Name  string // within the location
	First int    // row number in the set of its first row
	Rows  int    // 0 for a Parquet file without rows, as Spark writes them
	Bytes int64  // size of the file
	Kind  string // NumPy's name of the type of its numbers

	// Version is that of the content: the ETag of an object in a bucket; of a file the time of its last modification, a space, and a
	// hash of three of its pages.
	Version string

	object object
	matrix *embedding.Matrix
}

// Options are the settings of access to a location. The zero value has the defaults.
type Options struct {
	Notes    io.Writer     // receives a line for each failed request that is repeated. Nil means none
	Attempts int           // of each request to a bucket, in each of which the driver may repeat it too. Zero means 6
	Wait     time.Duration // before the second attempt, doubled for each later one up to 32 times. Zero means 250 ms
}

func (o Options) withDefaults() Options {
	o.Attempts, o.Wait = cmp.Or(o.Attempts, 6), cmp.Or(o.Wait, 250*time.Millisecond)
	if o.Notes == nil {
		o.Notes = io.Discard
	}
	return o
}

// Set is n vectors of dim dimensions in shards, in the order of their names. Row numbers run through all shards. It is safe for
// concurrent use; reads of Parquet files wait for one another.
type Set struct {
	location string
	store    store
	shards   []Shard
	n, dim   int

	mutex  sync.Mutex
	stream stream // of the Parquet file that was read last
}

// Open reads the descriptions of all shards of a location: the .npy, .fbin, .u8bin, .i8bin, .parquet and .pq files that are
// directly in the folder. Other files, and files whose names begin with a dot or an underscore, are left out. All shards must have
// the same format, type of numbers and dimension. Errors name the shard.
func Open(ctx context.Context, location string) (*Set, error) { return Options{}.Open(ctx, location) }

// Open is like the function Open.
func (o Options) Open(ctx context.Context, location string) (*Set, error) {
	at, err := parse(location)
	if err != nil {
		return nil, err
	}
	st, err := at.open(ctx, o.withDefaults())
	if err != nil {
		return nil, err
	}
	s, err := openSet(ctx, st, at)
	if err != nil {
		return nil, errors.Join(err, st.close())
	}
	return s, nil
}

func openSet(ctx context.Context, st store, at place) (*Set, error) {
	s := &Set{location: at.text, store: st}
	objects, err := st.list(ctx, at.name.literal(), false)
	if err != nil {
		return nil, err
	}
	objects = slices.DeleteFunc(objects, func(o object) bool { return !at.name.matches(o.name) })
	switch name := string(at.name); {
	case len(objects) > 0:
	case name != "" && !at.name.isPattern():
		return nil, fmt.Errorf("%s: %w", st.url(name), fs.ErrNotExist)
	default:
		return nil, fmt.Errorf("%s: holds no shards: files that end in %s, and not in folders below it",
			at.text, strings.Join(embedding.MatrixExtensions, ", "))
	}
	s.shards = make([]Shard, len(objects))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(headers)
	for i, o := range objects {
		group.Go(func() (err error) {
			s.shards[i], err = describe(ctx, st, o, at.column)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return s, s.number()
}

// headers is the number of shards whose headers are read at a time.
const headers = 8

// describe reads the header or footer of a shard.
func describe(ctx context.Context, st store, o object, column string) (Shard, error) {
	h, err := st.open(ctx, o)
	if err != nil {
		return Shard{}, err
	}
	defer h.close()
	r := &ahead{r: h, size: h.object.size, block: 64 << 10, keep: 4}
	m, err := embedding.OpenMatrix(path.Base(o.name), r, h.object.size, column)
	if err == nil {
		err = h.unchanged(ctx)
	}
	if err != nil {
		return Shard{}, named(st.url(o.name), err)
	}
	one := Shard{Name: o.name, Rows: m.Len(), Bytes: h.object.size, Kind: m.Kind(), Version: h.version, object: h.object, matrix: m}
	if h.weak {
		hash, err := pages(h)
		if err != nil {
			return Shard{}, named(st.url(o.name), err)
		}
		one.Version += " " + hash
	}
	return one, nil
}

const pageBytes = 4096

// pages returns a hash of the first, the middle and the last page of a file: a file with other vectors that has the same size and time
// has other pages.
func pages(h *handle) (string, error) {
	sum, last := sha256.New(), max(0, h.size-pageBytes)
	for _, at := range []int64{0, last / 2, last} {
		page := make([]byte, min(pageBytes, h.size-at))
		if _, err := h.ReadAt(page, at); err != nil {
			return "", err
		}
		sum.Write(page)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), nil
}

// number sets the first rows of the shards and compares their formats, types and dimensions.
func (s *Set) number() error {
	var first *Shard
	for i := range s.shards {
		one := &s.shards[i]
		one.First = s.n
		s.n += one.Rows
		if s.n > math.MaxInt32 {
			return fmt.Errorf("%s: its last row has number %d; at most %d rows are read", s.store.url(one.Name), s.n, math.MaxInt32)
		}
		if first == nil && one.Rows > 0 {
			first = one
		}
		if err := one.like(first); err != nil {
			return fmt.Errorf("%s: %w", s.store.url(one.Name), err)
		}
	}
	if first == nil {
		return fmt.Errorf("%s: its %d files hold no rows", s.location, len(s.shards))
	}
	s.dim = first.matrix.Dim()
	return nil
}

// like returns an error if the shard does not belong to a set whose first shard with rows is first.
func (one *Shard) like(first *Shard) error {
	if first == nil || one.Rows == 0 {
		return nil
	}
	switch a, b := one.matrix, first.matrix; {
	case a.Format() != b.Format():
		return fmt.Errorf("is a %s file, %s a %s file: name one of the formats by a pattern such as *%s",
			a.Format(), first.Name, b.Format(), b.Format())
	case a.Dim() != b.Dim():
		return fmt.Errorf("its rows have %d dimensions, those of %s %d", a.Dim(), first.Name, b.Dim())
	case a.Kind() != b.Kind():
		return fmt.Errorf("its numbers are of type %s, those of %s of type %s", a.Kind(), first.Name, b.Kind())
	case a.Column() != b.Column():
		return fmt.Errorf("its column of vectors is %s, that of %s is %s", a.Column(), first.Name, b.Column())
	}
	return nil
}

// Len returns the number of rows of all shards.
func (s *Set) Len() int { return s.n }

// Dim returns the number of dimensions.
func (s *Set) Dim() int { return s.dim }

// Kind returns NumPy's name of the type of the numbers, which Read converts to float32.
func (s *Set) Kind() string { return s.shards[s.shardOf(0)].Kind }

// Shards returns the descriptions of the shards, in order.
func (s *Set) Shards() []Shard { return slices.Clone(s.shards) }

// Fingerprint returns a hash of the names, sizes, shapes and versions of the shards. The version of an object in a bucket is its
// ETag, that of a file the time of its last modification with a hash of three pages. The name of the location has no part in it: a
// folder that is moved, or copied with the times of its files, keeps its fingerprint.
func (s *Set) Fingerprint() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "shards 2\n%d %d\n", s.n, s.dim)
	for _, one := range s.shards {
		fmt.Fprintf(sum, "%q %d %d %q %q %q\n", one.Name, one.Bytes, one.Rows, one.Kind, one.matrix.Column(), one.Version)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// RowName names a row by its shard and its number there, as the errors of Read do.
func (s *Set) RowName(row int) string {
	one := s.shards[s.shardOf(row)]
	return fmt.Sprintf("%s: row %d", s.store.url(one.Name), row-one.First)
}

// shardOf returns the index of the shard that holds a row.
func (s *Set) shardOf(row int) int {
	return sort.Search(len(s.shards), func(i int) bool { return s.shards[i].First+s.shards[i].Rows > row })
}
