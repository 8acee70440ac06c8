package shard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// store is a folder or a bucket with a prefix. Names are relative to it, with slashes. Errors name the object, except those of a
// handle.
type store interface {
	// list returns the objects whose names begin with prefix, ordered by name, in folders below only if deep is true. The objects
	// have neither size nor version.
	list(ctx context.Context, prefix string, deep bool) ([]object, error)
	// open returns a handle of an object. If the object has a version and is no longer of that version, open or a method of the
	// handle returns errChanged.
	open(ctx context.Context, o object) (*handle, error)
	get(ctx context.Context, name string) ([]byte, error)
	// put writes an object completely or not at all. If onlyNew is true and the object exists, it writes nothing and returns false.
	put(ctx context.Context, name string, data []byte, onlyNew bool) (written bool, err error)
	delete(ctx context.Context, name string) error // no error if it does not exist
	url(name string) string
	close() error
}

// object is a file or an object in a bucket.
type object struct {
	name     string
	size     int64
	version  string // changes with the content: the ETag, or the time of the last modification
	modified time.Time
}

// handle reads ranges of one version of an object.
type handle struct {
	object
	weak      bool            // the content can change without the version
	ctx       context.Context // of the call in progress
	read      func(ctx context.Context, p []byte, at int64) (int, error)
	unchanged func(ctx context.Context) error
	close     func()
}

// ReadAt implements io.ReaderAt. It returns io.ErrUnexpectedEOF for ranges beyond the end.
func (h *handle) ReadAt(p []byte, at int64) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := h.read(h.ctx, p, at)
	if n < len(p) && (err == nil || errors.Is(err, io.EOF)) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

var errChanged = errors.New("was changed or replaced since it was opened")

// named adds the name of an object to an error, unless the error contains it.
func named(name string, err error) error {
	if err == nil || strings.Contains(err.Error(), name+": ") {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}
