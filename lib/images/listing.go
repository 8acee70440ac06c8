package images

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// listing holds the files found in a folder so far. Paths are relative to root, with /.
type listing struct {
	root     string
	paths    []string       // images of supported formats
	unread   map[string]int // number of images of unsupported formats, by extension
	misnamed map[string]int // number of images of supported formats with other extensions, by extension
	broken   []string       // links without a target
	cycles   []string       // links to a folder that contains them
	links    int            // number of linked folders followed
}

// maxLinks is the maximum number of linked folders in a dataset. Folders that link to one another can form a very large
// number of paths.
const maxLinks = 10_000

// folder lists a folder. above holds the folders on the path to it, including itself.
func (l *listing) folder(dir string, above []fs.FileInfo) error {
	entries, err := os.ReadDir(l.file(dir))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		if err := l.entry(path.Join(dir, entry.Name()), entry, above); err != nil {
			return err
		}
	}
	return nil
}

func (l *listing) file(name string) string { return filepath.Join(l.root, filepath.FromSlash(name)) }

func (l *listing) entry(name string, entry fs.DirEntry, above []fs.FileInfo) error {
	linked := entry.Type()&fs.ModeSymlink != 0
	if entry.Type().IsRegular() {
		return l.regular(name)
	}
	info, err := os.Stat(l.file(name))
	switch {
	case linked && err != nil:
		return l.brokenLink(name, err)
	case err != nil:
		return err
	case info.IsDir() && linked:
		return l.linkedFolder(name, info, above)
	case info.IsDir():
		return l.folder(name, append(slices.Clip(above), info))
	case info.Mode().IsRegular():
		return l.regular(name)
	}
	if slices.Contains(readExtensions, extension(name)) {
		return fmt.Errorf("%s: neither a file nor a folder: remove it or rename it", l.file(name))
	}
	return nil
}

// brokenLink returns an error if the link has the name of an image.
func (l *listing) brokenLink(name string, err error) error {
	if slices.Contains(readExtensions, extension(name)) {
		return fmt.Errorf("%s: the link has no target: %w", l.file(name), err)
	}
	l.broken = append(l.broken, name)
	return nil
}

func (l *listing) linkedFolder(name string, info fs.FileInfo, above []fs.FileInfo) error {
	if slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		l.cycles = append(l.cycles, name)
		return nil
	}
	if l.links++; l.links > maxLinks {
		return fmt.Errorf("%s: more than %d links to folders: do they lead to one another?", l.file(name), maxLinks)
	}
	return l.folder(name, append(slices.Clip(above), info))
}

// regular lists an image, counts an image of an unsupported format, or ignores the file.
func (l *listing) regular(name string) error {
	extension := extension(name)
	if slices.Contains(readExtensions, extension) {
		l.paths = append(l.paths, name)
		return nil
	}
	f, err := l.formatOf(name)
	switch {
	case err != nil:
		return err
	case f.decode != nil:
		l.misnamed[extension]++
	case f.image, slices.Contains(otherExtensions, extension):
		l.unread[extension]++
	}
	return nil
}

// formatOf returns the format of a file by its first bytes. A file without read permission has no format.
func (l *listing) formatOf(name string) (format, error) {
	file, err := os.Open(l.file(name))
	if errors.Is(err, fs.ErrPermission) {
		return format{}, nil
	}
	if err != nil {
		return format{}, err
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, headSize))
	return formatOf(head), err
}

// notes returns sentences on the files that were found and are not read.
func (l *listing) notes() []string {
	var notes []string
	if len(l.unread) > 0 {
		notes = append(notes, fmt.Sprintf("%s not read: %s (want %s)", files(l.unread), counts(l.unread), readFormats))
	}
	if len(l.misnamed) > 0 {
		notes = append(notes, fmt.Sprintf("%s not read, because their names do not end like those of images: %s (want %s)",
			files(l.misnamed), counts(l.misnamed), readNames))
	}
	if len(l.cycles) > 0 {
		notes = append(notes, "links to a folder that contains them are not followed: "+some(l.cycles))
	}
	if len(l.broken) > 0 {
		notes = append(notes, "links without a target are ignored: "+some(l.broken))
	}
	return notes
}

// files returns the subject and verb of a sentence, such as "3 files are".
func files(byExtension map[string]int) string {
	n := 0
	for _, count := range byExtension {
		n += count
	}
	if n == 1 {
		return "1 file is"
	}
	return fmt.Sprintf("%d files are", n)
}

// counts returns counts such as "2 .heic, 1 .avif", in descending order.
func counts(byExtension map[string]int) string {
	extensions := slices.SortedFunc(maps.Keys(byExtension), func(a, b string) int {
		if byExtension[a] != byExtension[b] {
			return byExtension[b] - byExtension[a]
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for _, e := range extensions {
		name := e
		if e == "" {
			name = "without extension"
		}
		parts = append(parts, fmt.Sprintf("%d %s", byExtension[e], name))
	}
	return some(parts)
}

// some returns up to five elements of a list.
func some(list []string) string {
	const most = 5
	if len(list) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}
