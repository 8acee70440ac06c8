package embedding

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"anncapacity/lib/ann"
)

// shards are the Parquet files of one matrix, ordered by their paths. The rows of a file follow those of the files before it.
type shards struct {
	path   string // as given: FOLDER[:column] or PATTERN[:column]
	files  []string
	member string
	below  string // what is said about folders in the folder
}

// shardsOf returns the files of a folder or of a pattern. It returns no files for a path that denotes neither.
func shardsOf(path string) (s shards, err error) {
	for _, end := range splits(path) {
		name := path[:end]
		s = shards{path: path, member: strings.TrimPrefix(path[end:], ":")}
		info, err := os.Stat(name)
		switch f, ok := formatOf(name); {
		case err == nil && info.IsDir() && (!ok || f.extensions[0] == ".parquet"):
			err = s.inFolder(name)
			return s, err
		case err == nil:
			return shards{}, nil
		case ok && f.extensions[0] == ".parquet" && strings.ContainsAny(name, "*?["):
			err = s.matching(name)
			return s, err
		}
	}
	return shards{}, nil
}

// splits returns the lengths of the names that the path may consist of, without a member. The longest is first.
func splits(path string) []int {
	ends := []int{len(path)}
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == ':' {
			ends = append(ends, i)
		}
	}
	return ends
}

// inFolder sets the files to the Parquet files of a folder. Those whose names begin with a dot or an underscore, which programs
// use for other purposes, are left out.
func (s *shards) inFolder(folder string) error {
	entries, err := os.ReadDir(folder) // sorted by name
	if err != nil {
		return err
	}
	for _, e := range entries {
		f, ok := formatOf(e.Name())
		switch {
		case e.IsDir():
			s.below = fmt.Sprintf("; the folders in it are not searched, unlike by the pattern %s", filepath.Join(folder, "*", "*.parquet"))
		case ok && f.extensions[0] == ".parquet" && !strings.ContainsAny(e.Name()[:1], "._"):
			s.files = append(s.files, filepath.Join(folder, e.Name()))
		}
	}
	if len(s.files) == 0 {
		return fmt.Errorf("%s: is a folder without .parquet or .pq files%s", folder, s.below)
	}
	return nil
}

// matching sets the files to those that match a pattern of filepath.Match.
func (s *shards) matching(pattern string) (err error) {
	s.files, err = filepath.Glob(pattern)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", pattern, err)
	case len(s.files) == 0:
		return fmt.Errorf("%s: no file has a name that matches this pattern", pattern)
	}
	slices.Sort(s.files)
	return nil
}

// shard is the column of one file, as its footer describes it.
type shard struct {
	info   fs.FileInfo
	column string
	kind   string // NumPy's name of the type of its numbers
	values int64  // to allocate
}

// open reads the shards one after another.
func (s shards) open(notes io.Writer, keep bool) (c ann.Coordinates, err error) {
	all, err := s.describe()
	if err != nil {
		return c, err
	}
	var total int64
	for _, one := range all {
		total += one.values
	}
	m := listRows{numbers: numbers{data: roomFor(total)}}
	n, d := 0, 0
	for i, file := range s.files {
		if err := s.with(file, func(src source) error {
			err := s.read(src, all[i], &m)
			if d == 0 {
				d = m.d
			}
			if err == nil && m.rows > 0 && m.d != d {
				err = fmt.Errorf("its rows have %d dimensions, those of the files before it %d", m.d, d)
			}
			return err
		}); err != nil {
			return c, err
		}
		n += m.rows
	}
	src := source{name: s.path, notes: notes, keep: keep}
	src.note("%d files, %s to %s, %d rows%s", len(s.files), filepath.Base(s.files[0]), filepath.Base(s.files[len(s.files)-1]), n, s.below)
	if c, err = m.coordinates(src, all[0].kind, n, d); err != nil {
		err = fmt.Errorf("%s: %w", s.path, err)
	}
	return c, err
}

// describe reads the footers of all files. The columns must have the same name and type.
func (s shards) describe() (all []shard, err error) {
	for _, file := range s.files {
		var one shard
		if err := s.with(file, func(src source) (err error) {
			if one, err = s.describeOne(src); err == nil && len(all) > 0 {
				err = one.sameAs(all[0], s.files[0])
			}
			return err
		}); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// with opens a file. Errors of use get the name of the file.
func (s shards) with(path string, use func(source) error) error {
	src, err := openSource(path, s.member, io.Discard)
	if err != nil {
		return err
	}
	defer src.Close()
	err = src.checkContent(parquetExtensions)
	if err == nil {
		err = use(src)
	}
	if err != nil {
		if s.member != "" {
			path += ":" + s.member
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// sameAs returns an error if the column is not that of the first file.
func (one shard) sameAs(first shard, file string) error {
	switch {
	case one.column != first.column:
		return fmt.Errorf("its column of vectors is %s, that of %s is %s", one.column, file, first.column)
	case one.kind != first.kind:
		return fmt.Errorf("its numbers are of type %s, those of %s of type %s", one.kind, file, first.kind)
	}
	return nil
}

func (s shards) describeOne(src source) (one shard, err error) {
	defer guardParquet(&err)
	f, leaf, err := openColumn(src)
	if err != nil {
		return one, err
	}
	chunks := make([]columnChunk, f.NumRowGroups())
	for g := range chunks {
		if chunks[g], err = f.chunk(leaf, g); err != nil {
			return one, fmt.Errorf("column %s, row group %d: %w", leaf, g, err)
		}
	}
	return shard{info: src.info, column: leaf.String(), kind: leaf.kind, values: f.plausible(chunks)}, nil
}

// read appends the rows of a file to m, whose numbers of rows and of dimensions become those of the file. described is what the
// footer of the file said before.
func (s shards) read(src source, described shard, m *listRows) (err error) {
	defer guardParquet(&err)
	if src.size != described.info.Size() || !src.info.ModTime().Equal(described.info.ModTime()) {
		return errChanged
	}
	f, leaf, err := openColumn(src)
	if err != nil {
		return err
	}
	before := len(m.data)
	*m = listRows{numbers: m.numbers}
	if err := f.readColumn(leaf, m); err != nil {
		return err
	}
	if m.rows > 0 {
		if err := m.checkFinite(leaf.kind, m.rows, m.d, m.data[before:]); err != nil {
			return err
		}
	}
	return src.checkUnchanged()
}
