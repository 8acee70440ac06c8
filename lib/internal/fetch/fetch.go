// Package fetch downloads large files. It resumes interrupted downloads, checks sizes and checksums, and gives a file its
// final name when it is complete. The manifest downloads.json lists the files.
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

// File is a file to download: its name on disk, its URL (http, https or ftp), its size in bytes, and its checksums in
// hexadecimal. An unknown checksum is "". Mirrors are other URLs of the same file, which are tried in order if a transfer from
// those before fails.
type File struct {
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Mirrors []string `json:"mirrors"`
	Bytes   int64    `json:"bytes"`
	SHA256  string   `json:"sha256"`
	MD5     string   `json:"md5"`
}

// Home returns the folder of downloads and caches: $ANNCAPACITY_HOME or, if that is not set, anncapacity in the user's cache
// folder.
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

// Get downloads f to dir and returns its path. A file that exists is checked instead. A download that is interrupted, stalled,
// cancelled or killed leaves NAME.part, from which the next call resumes. It is an error, which contains both values, if the
// size or a checksum of the complete file is wrong; Get then removes the file if it has just downloaded it. Get writes its
// progress to progress.
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

// partSuffix is the suffix of the name of an incomplete file or folder.
const partSuffix = ".part"

// download completes the file at part and checks it.
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

// lock locks a file against other processes until it is closed.
func lock(file *os.File) error {
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("%s: another process is using it: %w", file.Name(), err)
	}
	return nil
}

// errMismatch is the error of a file with a wrong size, checksum or type.
var errMismatch = errors.New("not the file expected")

// verify returns an error if the file at path has another size or checksum than f.
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

// sums computes the known checksums of a file.
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

// contextReader returns the error of ctx when ctx is done.
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
