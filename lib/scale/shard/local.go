package shard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anncapacity/lib/internal/atomicfile"
)

// local is a folder of the file system.
type local string

func (l local) url(name string) string { return filepath.Join(string(l), filepath.FromSlash(name)) }

func (l local) close() error { return nil }

// list skips files whose names begin with a dot, as those that are being written do.
func (l local) list(ctx context.Context, prefix string, deep bool) (all []object, err error) {
	root := l.url(path.Dir(prefix + "x"))
	err = filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || file == root {
			return err
		}
		name, err := filepath.Rel(string(l), file)
		name = filepath.ToSlash(name)
		switch hidden := strings.HasPrefix(e.Name(), "."); {
		case err != nil:
			return err
		case e.IsDir() && (hidden || !deep):
			return fs.SkipDir
		case !e.IsDir() && !hidden && strings.HasPrefix(name, prefix):
			all = append(all, object{name: name})
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) && deep {
		err = nil // nothing was written to this folder yet
	}
	slices.SortFunc(all, func(a, b object) int { return strings.Compare(a.name, b.name) })
	return all, err
}

func (l local) open(ctx context.Context, o object) (*handle, error) {
	file := l.url(o.name)
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for its other end
		return nil, fmt.Errorf("%s: is not a regular file", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	check := func(context.Context) error {
		now, err := f.Stat()
		if err == nil && o.version != "" && (now.Size() != o.size || versionOf(now) != o.version) {
			err = errChanged
		}
		return err
	}
	if info, err = f.Stat(); err == nil {
		err = check(ctx)
	}
	if err != nil {
		f.Close()
		return nil, named(file, err)
	}
	o.size, o.version, o.modified = info.Size(), versionOf(info), info.ModTime()
	read := func(_ context.Context, p []byte, at int64) (int, error) { return f.ReadAt(p, at) }
	return &handle{object: o, weak: true, ctx: ctx, read: read, unchanged: check, close: func() { f.Close() }}, nil
}

// versionOf returns the time of the last modification to the nanosecond.
func versionOf(info fs.FileInfo) string { return info.ModTime().UTC().Format(time.RFC3339Nano) }

func (l local) get(ctx context.Context, name string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return os.ReadFile(l.url(name))
}

func (l local) put(ctx context.Context, name string, data []byte, onlyNew bool) (bool, error) {
	file := l.url(name)
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return false, err
	}
	if err := atomicfile.RemoveStale(file); err != nil { // of a process that was killed while it wrote the same file
		return false, err
	}
	write := func(w io.Writer) error {
		_, err := bytes.NewReader(data).WriteTo(w)
		return err
	}
	if onlyNew {
		return atomicfile.WriteNew(file, write)
	}
	err := atomicfile.Write(file, write)
	return err == nil, err
}

func (l local) delete(_ context.Context, name string) error {
	if err := os.Remove(l.url(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
