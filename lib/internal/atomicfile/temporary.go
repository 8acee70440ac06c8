package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// temporary creates an empty file in the folder of path and locks it. Its name is a dot, the name of path, a dot and digits.
// The lock shows RemoveStale that the file is in use.
func temporary(path string) (*os.File, error) {
	for {
		f, err := os.CreateTemp(filepath.Dir(path), prefix(path)+"*")
		if err != nil {
			return nil, err
		}
		locked := lock(f)
		if _, err := os.Stat(f.Name()); err == nil && !errors.Is(locked, syscall.EWOULDBLOCK) {
			return f, nil // without a lock if the file system has none
		}
		f.Close() // RemoveStale locked the file first
	}
}

func prefix(path string) string { return "." + filepath.Base(path) + "." }

// lock locks a file until it is closed, or returns an error if another process has locked it.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// RemoveStale removes the temporary files of path that a process left behind when it was killed. Files that are being written are
// not removed.
func RemoveStale(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, e := range entries {
		digits, ours := strings.CutPrefix(e.Name(), prefix(path))
		if !ours || digits == "" || strings.Trim(digits, "0123456789") != "" || !e.Type().IsRegular() {
			continue
		}
		if err := removeUnlocked(filepath.Join(filepath.Dir(path), e.Name())); err != nil {
			return fmt.Errorf("removing a temporary file: %w", err)
		}
	}
	return nil
}

// removeUnlocked removes a file unless it is locked.
func removeUnlocked(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if lock(f) != nil {
		return nil
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
