// Package parts keeps the finished parts of a long computation in a folder, so that a computation that was stopped resumes from
// them. The name of a part holds a key, a hash of everything that the part depends on: what is stored for other data or another
// setting has another name and is not found.
package parts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// keyBytes of a hash are in a key, as hexadecimal digits.
const keyBytes = 8

// Key returns the key of what write writes: it must write all that a part depends on, and a version number that changes when the
// same data would give another part.
func Key(write func(sum io.Writer)) string {
	sum := sha256.New()
	write(sum)
	return hex.EncodeToString(sum.Sum(nil)[:keyBytes])
}

// Folder returns the folder of parts in out, or one below it, and makes it: a folder that cannot be written is an error before the
// computation.
func Folder(out string, below ...string) (string, error) {
	dir := filepath.Join(append([]string{out, "parts"}, below...)...)
	return dir, os.MkdirAll(dir, 0o755)
}

// Kind is how parts of one type are stored.
type Kind[T any] struct {
	Read  func(path string) (T, error)     // an error that wraps fs.ErrNotExist says that the part is not stored
	Write func(path string, value T) error // must leave either a whole part or none
	Keep  func(value T) bool               // reports whether a part is worth storing; nil means that each is
}

// Get returns the part at path. One that is not stored is computed and, if it is to be kept, stored; found says which. A stored part
// that cannot be read is an error, and is not computed again.
func (k Kind[T]) Get(path string, compute func() (T, error)) (value T, found bool, err error) {
	value, err = k.Read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return value, err == nil, err
	}
	value, err = compute()
	if err != nil || k.Keep != nil && !k.Keep(value) {
		return value, false, err
	}
	return value, false, k.Write(path, value)
}
