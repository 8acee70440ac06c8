// Package atomicfile writes files atomically: completely or not at all.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// File is a path and the function that writes its content.
type File struct {
	Path  string
	Write func(io.Writer) error
}

// Write writes the content to a temporary file in the folder of path, syncs it and renames it to path. If writing fails
// or is interrupted, an existing file at path is unchanged.
func Write(path string, write func(io.Writer) error) error { return WriteAll(File{path, write}) }

// WriteNew is like Write, but leaves an existing file at path as it is and reports whether it wrote the file. Of several processes
// that write the same new file at the same time, one does, or on a file system without hard links possibly more than one.
func WriteNew(path string, write func(io.Writer) error) (created bool, err error) {
	s, err := stage(File{path, write})
	if err != nil {
		return false, fmt.Errorf("writing %s: %w", path, err)
	}
	err = os.Link(s.temporary.Name(), path)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		if _, err = os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			err = s.rename(false)
		} else if err == nil {
			err = fs.ErrExist
		}
	}
	created = err == nil
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	if err = errors.Join(err, s.finish(created)); err != nil {
		err = fmt.Errorf("writing %s: %w", path, err)
	}
	return created, err
}

// WriteAll writes all files or none. Every file is written and synced under a temporary name in its folder before the
// first is renamed. If a file cannot be renamed, those renamed before are restored to their previous state.
func WriteAll(files ...File) (err error) {
	var all []*staged
	defer func() {
		ok := err == nil
		for _, s := range all {
			err = errors.Join(err, s.finish(ok))
		}
	}()
	for _, f := range files {
		s, err := stage(f)
		if err != nil {
			return fmt.Errorf("writing %s: %w", f.Path, err)
		}
		all = append(all, s)
	}
	for i, s := range all {
		if err := s.rename(i < len(all)-1); err != nil {
			return fmt.Errorf("writing %s: %w", s.path, err)
		}
	}
	return nil
}

// Probe returns an error if a temporary file cannot be created in the folder of path.
func Probe(path string) error {
	f, err := temporary(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// staged is a complete file under a temporary name. The file is open, and therefore locked, until finish.
type staged struct {
	path      string
	temporary *os.File
	backup    string // copy of the previous file at path, "" if there is none
	renamed   bool
}

func stage(file File) (_ *staged, err error) {
	if err := checkTarget(file.Path); err != nil {
		return nil, err
	}
	f, err := temporary(file.Path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := file.Write(w); err != nil {
		return nil, err
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Chmod(0o644)); err != nil {
		return nil, err
	}
	return &staged{path: file.Path, temporary: f}, nil
}

// checkTarget rejects folders, pipes and devices, which a rename would not replace or would destroy.
func checkTarget(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return errors.New("exists and is not a regular file")
	}
	return nil
}

// rename moves the file to its path. If keep is true, finish can restore the previous file.
func (s *staged) rename(keep bool) error {
	if err := checkTarget(s.path); err != nil { // the target may have changed while files were written
		return err
	}
	if keep {
		if err := s.keep(); err != nil {
			return err
		}
	}
	if err := os.Rename(s.temporary.Name(), s.path); err != nil {
		return err
	}
	s.renamed = true
	return nil
}

// keep gives the existing file a second name, or moves it if the file system has no hard links.
func (s *staged) keep() error {
	backup := s.temporary.Name() + ".old"
	err := os.Link(s.path, backup)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		err = os.Rename(s.path, backup)
	}
	if err == nil {
		s.backup = backup
	}
	return err
}

// finish keeps the new file if ok, and otherwise restores the previous one. It removes the temporary names.
func (s *staged) finish(ok bool) error {
	defer s.temporary.Close()
	if !ok && s.backup != "" {
		if err := os.Rename(s.backup, s.path); err != nil {
			return err
		}
	} else if !ok && s.renamed {
		os.Remove(s.path)
	}
	os.Remove(s.temporary.Name())
	if s.backup != "" {
		os.Remove(s.backup) // still exists if it and path were the same file, which rename does not change
	}
	return nil
}
