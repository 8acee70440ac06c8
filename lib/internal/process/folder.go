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

// Folder is a temporary folder that belongs to the current process, which holds a lock on it. The folder of a killed
// process is removed by the next call of NewFolder in the same parent.
type Folder struct {
	Path string
	lock *os.File
}

// NewFolder creates a folder in parent; "" means the system's folder for temporary files.
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

// locked acquires the lock of a folder. The kernel releases it when the process ends.
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

// fresh is the age up to which the creator of a folder may not have locked it yet.
const fresh = time.Minute

// sweep removes folders whose owner has ended.
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

// Remove removes the folder and its content. It may be called more than once.
func (f *Folder) Remove() error {
	err := os.RemoveAll(f.Path)
	f.lock.Close() // closing it twice is harmless
	return err
}

// Give changes the owner of the folder and its content to user.
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

// Bytes returns the disk space used by the files in the folder.
func (f *Folder) Bytes() int64 {
	var sum int64
	_ = filepath.WalkDir(f.Path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil { // a running server may remove its files
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
