package fetch

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"anncapacity/lib/internal/progress"
)

// Member is a file in an archive or, with Files, a number of files. Bytes is 0 if it is unknown, a
// checksum is "" if it is unknown.
type Member struct {
	Name   string `json:"name"` // path in the archive's folder; with Files, a pattern of path.Match
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	MD5    string `json:"md5"`
	Files  int    `json:"files"` // number of files that match Name; 0 means that Name is the path of one file
}

func (m Member) matches(name string) bool {
	matched, err := path.Match(m.Name, name)
	return matched && err == nil
}

// maxUnknownBytes is the maximum size of a file of unknown size.
const maxUnknownBytes = 1 << 20

// Unpack writes members of archive, a .tar.gz, into dir, which must not exist. In the archive, the members are in a folder
// with the base name of dir. Unpack writes to DIR.part and renames it to dir when every member has been written with its size
// and checksum. An error, a cancellation or the next call removes DIR.part. Unpack writes nothing elsewhere. It is an error if
// a member is not a regular file or if the archive holds a file twice.
func Unpack(ctx context.Context, archive, dir string, members []Member, w io.Writer) (err error) {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := lock(file); err != nil {
		return err
	}
	part := dir + partSuffix
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := os.MkdirAll(part, 0o755); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	if err := unpackInto(ctx, file, part, filepath.Base(dir), members, w); err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	syscall.Sync() // the content must be on the disk before the folder gets its final name
	return os.Rename(part, dir)
}

func unpackInto(ctx context.Context, file *os.File, part, folder string, members []Member, w io.Writer) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(part)
	if err != nil {
		return err
	}
	defer root.Close()
	bar := progress.NewBytes(w, "unpacking", info.Size())
	defer bar.Stop()
	u := &unpacking{folder: folder, root: root, members: members}
	for _, m := range members {
		u.missing = append(u.missing, max(1, m.Files))
	}
	return u.readArchive(io.TeeReader(contextReader{ctx, file}, bar))
}

// unpacking is the state of Unpack.
type unpacking struct {
	folder  string // of the members, in the archive
	root    *os.Root
	members []Member
	missing []int // number of files of each member that were not written yet
}

func (u *unpacking) readArchive(file io.Reader) error {
	plain, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	entries := tar.NewReader(plain)
	for {
		header, err := entries.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := u.entry(header, entries); err != nil {
			return err
		}
	}
	for i, m := range u.members {
		switch missing := u.missing[i]; {
		case missing == 1 && m.Files == 0:
			return fmt.Errorf("no %s/%s in the archive", u.folder, m.Name)
		case missing != 0:
			return fmt.Errorf("%w: %d files %s/%s in the archive, want %d", errMismatch, m.Files-missing, u.folder, m.Name, m.Files)
		}
	}
	return nil
}

// entry writes an entry of the archive if it belongs to a member, and skips it otherwise.
func (u *unpacking) entry(header *tar.Header, content io.Reader) error {
	name, inside := strings.CutPrefix(path.Clean(header.Name), u.folder+"/")
	i := slices.IndexFunc(u.members, func(m Member) bool { return m.matches(name) })
	if !inside || i < 0 {
		return nil
	}
	m := u.members[i]
	if header.Typeflag != tar.TypeReg {
		return fmt.Errorf("%s: %w: tar's type %q, want a regular file", name, errMismatch, header.Typeflag)
	}
	switch {
	case m.Bytes > 0 && header.Size != m.Bytes:
		return fmt.Errorf("%s: %w: %d bytes, want %d", name, errMismatch, header.Size, m.Bytes)
	case m.Bytes == 0 && header.Size > maxUnknownBytes:
		return fmt.Errorf("%s: %w: %d bytes, want at most %d", name, errMismatch, header.Size, maxUnknownBytes)
	}
	u.missing[i]--
	sums := m.file().newSums()
	if err := u.write(name, io.TeeReader(content, sums)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := sums.check(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (u *unpacking) write(name string, content io.Reader) error {
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	out, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	return errors.Join(err, out.Close())
}

func (m Member) file() File { return File{Name: m.Name, Bytes: m.Bytes, SHA256: m.SHA256, MD5: m.MD5} }

// verifyMembers compares the files in dir with the members.
func verifyMembers(ctx context.Context, dir string, members []Member) error {
	for _, m := range members {
		if m.Files > 0 {
			if err := m.count(dir); err != nil {
				return err
			}
			continue
		}
		f := m.file()
		name := filepath.Join(dir, m.Name)
		if f.Bytes == 0 {
			info, err := os.Stat(name)
			if err != nil {
				return err
			}
			f.Bytes = info.Size()
		}
		if err := f.verify(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// count compares the number of m's files in dir with the number expected.
func (m Member) count(dir string) error {
	found, err := fs.Glob(os.DirFS(dir), m.Name)
	if err != nil {
		return err
	}
	if len(found) != m.Files {
		return fmt.Errorf("%s: %w: %d files %s, want %d", dir, errMismatch, len(found), m.Name, m.Files)
	}
	return nil
}
