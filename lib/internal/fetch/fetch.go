// Package fetch downloads large files: it resumes, checks size and checksum, and gives a file its name only when it is whole.
// What can be downloaded stands in downloads.json.
package fetch

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// File is a file to download: its name on disk, size in bytes, and checksums in hexadecimal, "" for an unknown one.
type File struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	MD5    string `json:"md5"`
}

// Home is where downloads and caches live: $ANNCAPACITY_HOME, else anncapacity in the user's cache folder.
func Home() (string, error) {
	if home := os.Getenv("ANNCAPACITY_HOME"); home != "" {
		return filepath.Abs(home)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for downloads and caches: %w; set ANNCAPACITY_HOME to one", err)
	}
	return filepath.Join(cache, "anncapacity"), nil
}

// Get makes sure that dir holds f and returns its path. What is there already is checked, not downloaded. A download that is
// cut, stalls, is cancelled or killed leaves NAME.part, from which the next one goes on. A complete file of another size or
// checksum is an error with both values; a new one is removed. Progress goes to the writer given.
func Get(ctx context.Context, f File, dir string, progress io.Writer) (path string, err error) {
	return standardClient.get(ctx, f, dir, progress)
}

func (c *client) get(ctx context.Context, f File, dir string, progress io.Writer) (string, error) {
	path := filepath.Join(dir, f.Name)
	switch _, err := os.Stat(path); {
	case err == nil:
		if err := f.verify(ctx, path); err != nil {
			return "", fmt.Errorf("%w: remove this file to download it again", err)
		}
		return path, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := c.download(ctx, f, path+partSuffix, progress); err != nil {
		return "", err
	}
	return path, os.Rename(path+partSuffix, path)
}

// partSuffix ends the name of a file or folder that is not whole yet.
const partSuffix = ".part"

// download brings the file at part to f's size and checks it.
func (c *client) download(ctx context.Context, f File, part string, progress io.Writer) error {
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := lock(file); err != nil {
		return err
	}
	if err := c.transfer(ctx, f, file, progress); err != nil {
		return err
	}
	fmt.Fprintf(progress, "\nchecking %s\n", f.Name)
	switch err := f.verify(ctx, part); {
	case errors.Is(err, errMismatch):
		return errors.Join(fmt.Errorf("%s: %w: removed", f.URL, err), os.Remove(part))
	case err != nil:
		return err
	}
	return file.Sync()
}

// lock keeps other processes from working on the same file, until it is closed.
func lock(file *os.File) error {
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("%s: another process is working on it: %w", file.Name(), err)
	}
	return nil
}

// errMismatch says that a file is not the one expected.
var errMismatch = errors.New("not the file expected")

// verify compares size and checksums of the file at path.
func (f File) verify(ctx context.Context, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	sums := f.newSums()
	n, err := io.Copy(sums, contextReader{ctx, file})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if n != f.Bytes {
		return fmt.Errorf("%s: %w: %d bytes, want %d", path, errMismatch, n, f.Bytes)
	}
	if err := sums.check(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// sums computes the checksums that are known.
type sums []sum

type sum struct {
	name, want string
	hash       hash.Hash
}

func (f File) newSums() sums {
	var s sums
	if f.SHA256 != "" {
		s = append(s, sum{"sha256", f.SHA256, sha256.New()})
	}
	if f.MD5 != "" {
		s = append(s, sum{"md5", f.MD5, md5.New()})
	}
	return s
}

func (s sums) Write(p []byte) (int, error) {
	for _, one := range s {
		one.hash.Write(p)
	}
	return len(p), nil
}

func (s sums) check() error {
	for _, one := range s {
		if got := hex.EncodeToString(one.hash.Sum(nil)); got != one.want {
			return fmt.Errorf("%w: %s %s, want %s", errMismatch, one.name, got, one.want)
		}
	}
	return nil
}

// contextReader stops with the context.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
