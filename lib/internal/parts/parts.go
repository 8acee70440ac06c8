// Package parts stores the finished parts of a long computation in a folder, so that an interrupted computation can resume.
// The name of a part contains a key, a hash of everything that the part depends on. A part of other data or other settings
// therefore has another name and is not used.
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

// keyBytes is the number of bytes of the hash that a key contains, in hexadecimal.
const keyBytes = 8

// Key returns a key of the bytes that write writes. These must contain everything that a part depends on, and a version number
// that changes whenever the computation of a part changes.
func Key(write func(sum io.Writer)) string {
	sum := sha256.New()
	write(sum)
	return hex.EncodeToString(sum.Sum(nil)[:keyBytes])
}

// Folder creates and returns the folder parts in out, or a folder below it. An error before the computation means that the
// folder cannot be created.
func Folder(out string, below ...string) (string, error) {
	dir := filepath.Join(append([]string{out, "parts"}, below...)...)
	return dir, os.MkdirAll(dir, 0o755)
}

// Kind holds the functions that store parts of one type.
type Kind[T any] struct {
	Read  func(path string) (T, error)     // must return an error that wraps fs.ErrNotExist if the part is not stored
	Write func(path string, value T) error // must write either the whole part or nothing
	Keep  func(value T) bool               // reports whether to store a part; nil means always
}

// Get returns the part at path and whether it was stored. If it was not, Get computes it and, if Keep agrees, stores it. If a
// stored part cannot be read, Get returns an error and does not compute the part.
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
