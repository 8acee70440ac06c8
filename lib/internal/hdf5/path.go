package hdf5

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNotFound is wrapped by the error for a path at which there is no data set.
var ErrNotFound = errors.New("not found")

// maxLinks is the maximum number of soft links in one path, as in libhdf5.
const maxLinks = 16

// Dataset returns the data set at a path, which may lead through groups and soft links. If the path does not exist or is a
// group, the error wraps ErrNotFound.
func (f *File) Dataset(path string) (*Dataset, error) {
	links := maxLinks
	address, err := f.resolve(f.root, path, &links)
	if err != nil {
		return nil, err
	}
	d, err := f.dataset(path, address)
	if err == nil && d == nil {
		err = fmt.Errorf("%q is no data set: %w", path, ErrNotFound)
	}
	return d, err
}

// resolve returns the address of the object header at a path relative to a group. links is the number of soft links that
// may still be followed.
func (f *File) resolve(group uint64, path string, links *int) (uint64, error) {
	if strings.HasPrefix(path, "/") {
		group = f.root
	}
	for name := range strings.SplitSeq(path, "/") {
		if name == "" || name == "." {
			continue
		}
		l, err := f.child(group, name)
		if err != nil {
			return 0, err
		}
		switch {
		case l.external != "":
			return 0, unsupportedf("%q is %s, which is not followed", path, l.external)
		case l.soft != "" && *links == 0:
			return 0, fmt.Errorf("more than %d soft links in a path (a cycle?)", maxLinks)
		case l.soft != "":
			*links--
			if l.address, err = f.resolve(group, l.soft, links); err != nil {
				return 0, fmt.Errorf("soft link %q to %q: %w", name, l.soft, err)
			}
		}
		group = l.address
	}
	return group, nil
}

// child returns the link with the given name in a group.
func (f *File) child(group uint64, name string) (link, error) {
	links, err := f.links(group)
	if err != nil {
		return link{}, fmt.Errorf("looking for %q: %w", name, err)
	}
	for _, l := range links {
		if l.name == name {
			return l, nil
		}
	}
	return link{}, fmt.Errorf("%q: %w", name, ErrNotFound)
}

// Datasets returns all data sets that can be reached through hard links, and an error for each object that cannot be
// read.
func (f *File) Datasets() (sets []*Dataset, unreadable []error) {
	w := walk{file: f, seen: map[uint64]bool{}}
	w.visit("", f.root)
	return w.sets, w.unreadable
}

type walk struct {
	file       *File
	seen       map[uint64]bool
	sets       []*Dataset
	unreadable []error
}

// maxDepth is the maximum nesting of groups for Datasets.
const maxDepth = 100

func (w *walk) visit(path string, address uint64) {
	if w.seen[address] || strings.Count(path, "/") > maxDepth {
		return
	}
	w.seen[address] = true
	if d, err := w.file.dataset(path, address); d != nil || err != nil {
		if err != nil {
			w.unreadable = append(w.unreadable, fmt.Errorf("%s: %w", path, err))
		} else {
			w.sets = append(w.sets, d)
		}
		return
	}
	links, err := w.file.links(address)
	if err != nil {
		w.unreadable = append(w.unreadable, fmt.Errorf("%s: %w", path, err))
	}
	for _, l := range links {
		if l.soft == "" && l.external == "" {
			w.visit(path+"/"+l.name, l.address)
		}
	}
}
