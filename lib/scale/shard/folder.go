package shard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
)

// Folder holds the plan and the results of a job, in a folder or a bucket. Each file ends in a line with the SHA-256 of its name
// and its content. A Folder is safe for concurrent use, by several processes and machines too.
type Folder struct {
	location string
	store    store
}

// CreateFolder returns the folder at a location, a path or a URL. A folder of the file system is created.
func CreateFolder(ctx context.Context, location string) (*Folder, error) {
	at, err := parseFolder(location)
	if err == nil && at.bucket == "" {
		err = os.MkdirAll(at.folder, 0o755)
	}
	if err != nil {
		return nil, err
	}
	return OpenFolder(ctx, location)
}

// OpenFolder returns the folder at a location, a path or a URL. An error before the computation means that the location cannot be
// used; it wraps fs.ErrNotExist if a folder of the file system does not exist.
func OpenFolder(ctx context.Context, location string) (*Folder, error) {
	return Options{}.OpenFolder(ctx, location)
}

// OpenFolder is like the function OpenFolder.
func (o Options) OpenFolder(ctx context.Context, location string) (*Folder, error) {
	at, err := parseFolder(location)
	if err != nil {
		return nil, err
	}
	if at.bucket == "" {
		if _, err := os.Stat(at.folder); err != nil {
			return nil, err
		}
	}
	st, err := at.open(ctx, o.withDefaults())
	if err != nil {
		return nil, err
	}
	f := &Folder{location: at.text, store: st}
	if _, err := st.list(ctx, "plan", true); err != nil {
		return nil, errors.Join(err, st.close())
	}
	return f, nil
}

// String returns the location.
func (f *Folder) String() string { return f.location }

// Put writes a file completely or not at all, also if the process is killed. An existing file is replaced.
func (f *Folder) Put(ctx context.Context, name string, data []byte) error {
	_, err := f.put(ctx, name, data, false)
	return err
}

// PutNew is like Put, but leaves an existing file as it is and reports whether it wrote the file. Of several processes that call it
// at the same time, one writes. In buckets this needs a store that honours the header If-None-Match: *, as S3, Google Cloud Storage
// and most others do. In one that ignores it the last write remains, which is safe for results that are computed from the same
// data, because they have the same bytes. After a repeated request, false can also mean that the first attempt wrote the file.
func (f *Folder) PutNew(ctx context.Context, name string, data []byte) (created bool, err error) {
	return f.put(ctx, name, data, true)
}

func (f *Folder) put(ctx context.Context, name string, data []byte, onlyNew bool) (bool, error) {
	if err := checkName(name); err != nil {
		return false, fmt.Errorf("%s: %w", f.location, err)
	}
	content := append(append(make([]byte, 0, len(data)+sealSize), data...), seal(name, data)...)
	return f.store.put(ctx, name, content, onlyNew)
}

// ErrDamaged is wrapped by the errors of Get for a file that was stored and is no longer whole.
var ErrDamaged = errors.New("is truncated or damaged")

// Get reads a file and verifies its checksum. For a file that does not exist, the error wraps fs.ErrNotExist; for one that is
// truncated or damaged, it wraps ErrDamaged.
func (f *Folder) Get(ctx context.Context, name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("%s: %w", f.location, err)
	}
	content, err := f.store.get(ctx, name)
	if err != nil {
		return nil, err
	}
	end := len(content) - sealSize
	switch {
	case end < 0:
		return nil, fmt.Errorf("%s: %w: its %d bytes are shorter than its checksum", f.store.url(name), ErrDamaged, len(content))
	case !bytes.Equal(content[end:], seal(name, content[:end])):
		return nil, fmt.Errorf("%s: %w, or was renamed: its checksum is wrong", f.store.url(name), ErrDamaged)
	}
	return content[:end:end], nil
}

// List returns the names that begin with prefix, ordered, in folders below too.
func (f *Folder) List(ctx context.Context, prefix string) ([]string, error) {
	objects, err := f.store.list(ctx, prefix, true)
	names := make([]string, len(objects))
	for i, o := range objects {
		names[i] = o.name
	}
	return names, err
}

// Delete removes a file. A file that does not exist is no error.
func (f *Folder) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return fmt.Errorf("%s: %w", f.location, err)
	}
	return f.store.delete(ctx, name)
}

// Close releases the connection to the store.
func (f *Folder) Close() error { return f.store.close() }

// sealSize is the length of the line that seal returns.
const sealSize = len("\nsha256 \n") + 2*sha256.Size

// seal returns the last line of a file, with the line break before it.
func seal(name string, data []byte) []byte {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00", name)
	sum.Write(data)
	return fmt.Appendf(nil, "\nsha256 %x\n", sum.Sum(nil))
}

// checkName rejects names that are not in the folder or that List leaves out.
func checkName(name string) error {
	hidden := strings.HasPrefix(name, ".") || strings.Contains(name, "/.")
	if name == "" || path.Clean(name) != name || path.IsAbs(name) || hidden || strings.ContainsAny(name, "\\\x00") {
		return fmt.Errorf("%q is not the name of a file in a folder: a relative path with slashes, no part of which begins with a dot, "+
			"is expected", name)
	}
	return nil
}
