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

// plan is what a command reads and what it writes. Every command checks its plan before it reads or computes anything.
type plan struct {
	reads   []input
	writes  []string     // files, those that a command writes beside the named one included
	folders []string     // that the files go to; made when they are written
	own     func() error // says which of the files that are there were not written by the program; called where folders[0] exists
}

// input is a file or folder that is read, and the flag that names it. FILE:member names FILE.
type input struct{ flag, path string }

// check returns an error where an output is an input, through links too, is no regular file, was not written by the program,
// or cannot be written. Nothing is made or changed.
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

// check refuses pipes and devices, which block whoever opens them. What is not there is left to its reader.
func (in input) check() error {
	for _, info := range in.infos() {
		if !info.Mode().IsRegular() && !info.IsDir() {
			return fmt.Errorf("-%s %s: is neither a regular file nor a folder", in.flag, in.path)
		}
	}
	return nil
}

// infos describe what the path names, and what it names without its member.
func (in input) infos() (infos []fs.FileInfo) {
	paths := []string{in.path}
	for i, c := range in.path {
		if c == ':' { // a member may hold colons, too
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

// checkWrite compares a file that will be written with what is there.
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
		return fmt.Errorf("-out: %s is a folder, a file is to be written there: choose another -out", path)
	case !named.Mode().IsRegular():
		return fmt.Errorf("-out: %s is not a regular file: choose another -out", path)
	}
	return nil
}

// checkFolder makes and removes a file in a folder or, where it does not exist yet, in the nearest one above it that does.
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
	var cause *fs.PathError // of the probe, whose name says nothing
	if errors.As(err, &cause) {
		err = cause.Err
	}
	if err != nil {
		return fmt.Errorf("%s: no file can be made in %s: %w", folder, at, err)
	}
	return nil
}

// tablesPlan is the plan of a command that writes tables of records, and parts of them in a folder parts, from embeddings.
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

// within reports whether a folder is another or lies in it, through links too.
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
