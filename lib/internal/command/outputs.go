package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/table"
)

// plan holds the files that a command reads and writes. Every command checks its plan before it reads or computes anything.
type plan struct {
	reads   []input
	writes  []string     // all output files, also those that no flag names
	folders []string     // folders of the output files, created when these are written
	own     func() error // returns an error if an existing output file was not written by the program; called if folders[0] exists
}

// input is a file or folder that is read, and the flag that names it. The file of FILE:member is FILE.
type input struct{ flag, path string }

// check returns an error if an output is an input, also through links, if it exists and is not a regular file or was not
// written by the program, or if it cannot be written. check creates and changes nothing.
func (p plan) check() error {
	for _, in := range p.reads {
		if err := in.check(); err != nil {
			return err
		}
	}
	for _, folder := range p.folders {
		if err := checkFolder(folder); err != nil {
			return err
		}
	}
	for _, path := range p.writes {
		if err := p.checkWrite(path); err != nil {
			return err
		}
	}
	if _, err := os.Stat(p.folders[0]); err != nil {
		return nil // there is nothing to replace
	}
	return p.own()
}

// check returns an error if the input is a pipe or a device, because opening it may block. A missing input is reported by the
// function that reads it.
func (in input) check() error {
	for _, info := range in.infos() {
		if !info.Mode().IsRegular() && !info.IsDir() {
			return fmt.Errorf("-%s %s: is neither a regular file nor a folder", in.flag, in.path)
		}
	}
	return nil
}

// infos returns the file information of the path and of the path without a member.
func (in input) infos() (infos []fs.FileInfo) {
	paths := []string{in.path}
	for i, c := range in.path {
		if c == ':' { // the name of a member may contain colons
			paths = append(paths, in.path[:i])
		}
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			infos = append(infos, info)
		}
	}
	return infos
}

// checkWrite returns an error if there is a file at path that must not be replaced.
func (p plan) checkWrite(path string) error {
	named, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	if target, err := os.Stat(path); err == nil {
		for _, in := range p.reads {
			for _, info := range in.infos() {
				if os.SameFile(info, target) {
					return fmt.Errorf("-out: %s would be replaced, but it is the input -%s %s: choose another -out", path, in.flag, in.path)
				}
			}
		}
	}
	switch {
	case named.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("-out: %s is a symbolic link, which would be replaced by a file: remove the link or choose another -out", path)
	case named.IsDir():
		return fmt.Errorf("-out: %s is a folder, but a file of this name is written: choose another -out", path)
	case !named.Mode().IsRegular():
		return fmt.Errorf("-out: %s is not a regular file: choose another -out", path)
	}
	return nil
}

// checkFolder returns an error if no file can be created in a folder. If the folder does not exist, it checks the nearest
// folder above it that exists.
func checkFolder(folder string) error {
	at := folder
	info, err := os.Stat(at)
	for ; errors.Is(err, fs.ErrNotExist); info, err = os.Stat(at) {
		if _, broken := os.Lstat(at); broken == nil {
			return fmt.Errorf("%s: %s is a symbolic link to nothing", folder, at)
		}
		if at == filepath.Dir(at) {
			break
		}
		at = filepath.Dir(at)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: cannot be a folder for the results: %w", folder, err)
	case !info.IsDir():
		return fmt.Errorf("%s: cannot be a folder for the results: %s is a file", folder, at)
	}
	err = atomicfile.Probe(filepath.Join(at, "probe"))
	var cause *fs.PathError // holds the probe's path, which is of no use to the user
	if errors.As(err, &cause) {
		err = cause.Err
	}
	if err != nil {
		return fmt.Errorf("%s: no file can be created in %s: %w", folder, at, err)
	}
	return nil
}

// tablesPlan returns the plan of a command that reads embeddings and writes tables, with parts of them in a folder parts.
func tablesPlan(embeddings, out string, tables []table.Table) plan {
	p := plan{reads: []input{{"embeddings", embeddings}}, folders: []string{out, filepath.Join(out, "parts")}}
	for _, t := range tables {
		p.writes = append(p.writes, t.Path)
	}
	p.own = func() error {
		for _, t := range tables {
			if err := t.Check(); err != nil {
				return err
			}
		}
		return nil
	}
	return p
}

// within reports whether folder is other or lies in it, also through links.
func within(folder, other string) bool {
	outer, err := os.Stat(other)
	if err != nil {
		return false
	}
	at, err := filepath.Abs(folder)
	if err != nil {
		return false
	}
	for last := ""; at != last; last, at = at, filepath.Dir(at) {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			at = real
		}
		if info, err := os.Stat(at); err == nil && os.SameFile(info, outer) {
			return true
		}
	}
	return false
}
