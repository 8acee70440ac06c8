package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Folder is a temporary folder that is ours while we live: we hold a lock on it. What a killed process left is removed by
// the process that makes the next one beside it.
type Folder struct {
	Path string
	lock *os.File
}

// NewFolder makes one in parent, "" for the system's folder of temporary files.
func NewFolder(parent, name string) (*Folder, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	parent, err := filepath.Abs(parent)
	if err != nil {
		return nil, err
	}
	if parent, err = filepath.EvalSymlinks(parent); err != nil {
		return nil, err
	}
	pattern := "anncapacity-" + name + "-*"
	sweep(filepath.Join(parent, pattern))
	path, err := os.MkdirTemp(parent, pattern)
	if err != nil {
		return nil, err
	}
	lock, err := locked(path)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	return &Folder{Path: path, lock: lock}, nil
}

// locked holds the lock of the folder; the kernel lets go of it when we die.
func locked(path string) (*os.File, error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		folder.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return folder, nil
}

// fresh is the age up to which a folder may not have been locked yet by who made it.
const fresh = time.Minute

// sweep removes the folders whose owner is dead.
func sweep(pattern string) {
	paths, _ := filepath.Glob(pattern)
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || time.Since(info.ModTime()) < fresh {
			continue
		}
		if lock, err := locked(path); err == nil {
			_ = os.RemoveAll(path) // the next sweep tries again
			lock.Close()
		}
	}
}

// Remove removes the folder and all in it. It may be called again.
func (f *Folder) Remove() error {
	err := os.RemoveAll(f.Path)
	f.lock.Close() // again is no harm
	return err
}

// Give makes the folder and all in it another user's.
func (f *Folder) Give(user *syscall.Credential) error {
	if user == nil {
		return nil
	}
	return filepath.WalkDir(f.Path, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(user.Uid), int(user.Gid))
	})
}

// Bytes is what the files in the folder occupy on disk.
func (f *Folder) Bytes() int64 {
	var sum int64
	_ = filepath.WalkDir(f.Path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil { // a running server removes files of its own
			return nil
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				sum += stat.Blocks * 512
			}
		}
		return nil
	})
	return sum
}
