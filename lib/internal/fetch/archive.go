package fetch

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"anncapacity/lib/internal/progress"
)

// Member is a file in an archive; Bytes 0 and MD5 "" are unknown.
type Member struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	MD5   string `json:"md5"`
}

// maxUnknownBytes bounds a member of unknown size.
const maxUnknownBytes = 1 << 20

// Unpack writes the members out of the archive, a .tar.gz in which they lie in a folder of dir's base name, into dir, which must not
// exist. It appears only when every member is there with its size and checksum; until then they are in DIR.part, which an error, a
// cancellation or the next call removes.
func Unpack(ctx context.Context, archive, dir string, members []Member, w io.Writer) (err error) {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := lock(file); err != nil {
		return err
	}
	part := dir + ".part"
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
	u := &unpacking{archive: archive, folder: filepath.Base(dir), part: part, missing: map[string]Member{}}
	total := int64(0)
	for _, m := range members {
		u.missing[m.Name] = m
		total += m.Bytes
	}
	u.bar = progress.NewBytes(w, "unpacking", total)
	defer u.bar.Stop()
	if err := u.readArchive(contextReader{ctx, file}); err != nil {
		return err
	}
	return os.Rename(part, dir)
}

// unpacking is what Unpack has still to find.
type unpacking struct {
	archive, folder, part string
	missing               map[string]Member
	bar                   *progress.Bar
}

func (u *unpacking) readArchive(file io.Reader) error {
	plain, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", u.archive, err)
	}
	entries := tar.NewReader(plain)
	for len(u.missing) > 0 {
		header, err := entries.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", u.archive, err)
		}
		if err := u.entry(header, entries); err != nil {
			return err
		}
	}
	for name := range u.missing {
		return fmt.Errorf("%s: no %s/%s in this archive", u.archive, u.folder, name)
	}
	return nil
}

// entry writes the entry if it is a member, and passes over it otherwise.
func (u *unpacking) entry(header *tar.Header, content io.Reader) error {
	folder, name := path.Split(path.Clean(header.Name))
	m, wanted := u.missing[name]
	if !wanted || folder != u.folder+"/" || header.Typeflag != tar.TypeReg {
		return nil
	}
	if m.Bytes > 0 && header.Size != m.Bytes || header.Size > max(m.Bytes, maxUnknownBytes) {
		return fmt.Errorf("%s: %s: %w: %d bytes, want %d", u.archive, name, errMismatch, header.Size, m.Bytes)
	}
	delete(u.missing, name)
	sums := m.file().newSums()
	if err := u.write(name, io.TeeReader(content, io.MultiWriter(sums, u.bar))); err != nil {
		return fmt.Errorf("%s: %w", u.archive, err)
	}
	if err := sums.check(); err != nil {
		return fmt.Errorf("%s: %s: %w", u.archive, name, err)
	}
	return nil
}

func (u *unpacking) write(name string, content io.Reader) error {
	out, err := os.Create(filepath.Join(u.part, name))
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, content); err != nil {
		out.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	return errors.Join(out.Sync(), out.Close())
}

func (m Member) file() File { return File{Name: m.Name, Bytes: m.Bytes, MD5: m.MD5} }

// verifyMembers compares what dir holds with the members.
func verifyMembers(ctx context.Context, dir string, members []Member) error {
	for _, m := range members {
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
