package shard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// bucket is a bucket of an object store with a prefix of all keys.
type bucket struct {
	*blob.Bucket
	root    string // URL of the prefix
	prefix  string
	options Options
}

func (b *bucket) url(name string) string { return b.root + name }

func (b *bucket) close() error { return b.Close() }

func (b *bucket) list(ctx context.Context, prefix string, deep bool) (all []object, err error) {
	o := &blob.ListOptions{Prefix: b.prefix + prefix}
	if !deep {
		o.Delimiter = "/"
	}
	err = b.retry(ctx, b.root, "list", func() error {
		all = nil
		for items := b.List(o); ; {
			item, err := items.Next(ctx)
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if name := strings.TrimPrefix(item.Key, b.prefix); !item.IsDir && name != "" && !strings.HasSuffix(name, "/") {
				all = append(all, object{name: name})
			}
		}
	})
	slices.SortFunc(all, func(a, b object) int { return strings.Compare(a.name, b.name) })
	return all, err
}

// open asks for the version of an object unless it is known.
func (b *bucket) open(ctx context.Context, o object) (*handle, error) {
	if o.version == "" {
		now, err := b.describe(ctx, o.name)
		if err != nil {
			return nil, err
		}
		o = now
	}
	return &handle{
		object: o,
		ctx:    ctx,
		read:   func(ctx context.Context, p []byte, at int64) (int, error) { return b.readAt(ctx, o, p, at) },
		unchanged: func(ctx context.Context) error {
			now, err := b.describe(ctx, o.name)
			if err == nil && (now.version != o.version || now.size != o.size) {
				err = errChanged
			}
			return err
		},
		close: func() {},
	}, nil
}

func (b *bucket) describe(ctx context.Context, name string) (o object, err error) {
	err = b.retry(ctx, b.url(name), "describe", func() error {
		a, err := b.Attributes(ctx, b.prefix+name)
		if err != nil {
			return err
		}
		o = object{name: name, size: a.Size, version: a.ETag, modified: a.ModTime}
		if o.version == "" {
			o.version = a.ModTime.UTC().Format(time.RFC3339Nano)
		}
		return nil
	})
	return o, err
}

// readAt requests a range. After a transient error it requests the rest of the range.
func (b *bucket) readAt(ctx context.Context, o object, p []byte, at int64) (n int, err error) {
	if p = p[:min(int64(len(p)), max(0, o.size-at))]; len(p) == 0 {
		return 0, io.EOF
	}
	err = b.retry(ctx, b.url(o.name), fmt.Sprintf("read bytes %d to %d of", at, at+int64(len(p))), func() error {
		r, err := b.NewRangeReader(ctx, b.prefix+o.name, at+int64(n), int64(len(p)-n), nil)
		if err != nil {
			return err
		}
		defer r.Close()
		// Stores give the time of a range in whole seconds. The ETag is compared after all ranges.
		if r.Size() != o.size || r.ModTime().Unix() != o.modified.Unix() {
			return errChanged
		}
		more, err := io.ReadFull(r, p[n:])
		n += more
		return err
	})
	return n, err
}

func (b *bucket) get(ctx context.Context, name string) (data []byte, err error) {
	err = b.retry(ctx, b.url(name), "read", func() (err error) {
		data, err = b.ReadAll(ctx, b.prefix+name)
		return err
	})
	return data, err
}

func (b *bucket) put(ctx context.Context, name string, data []byte, onlyNew bool) (bool, error) {
	err := b.retry(ctx, b.url(name), "write", func() error {
		o := &blob.WriterOptions{IfNotExist: onlyNew, ContentType: "application/octet-stream"}
		return b.WriteAll(ctx, b.prefix+name, data, o)
	})
	if onlyNew && gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return false, nil
	}
	return err == nil, err
}

func (b *bucket) delete(ctx context.Context, name string) error {
	err := b.retry(ctx, b.url(name), "delete", func() error { return b.Delete(ctx, b.prefix+name) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
