package hdf5

import (
	"fmt"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// filter is a filter that was applied to the chunks when they were written.
type filter struct {
	id     uint64
	name   string // name in the file
	values []uint32
}

func (f filter) String() string {
	name := f.name
	if known, ok := filterNames[f.id]; ok {
		name = known
	}
	return fmt.Sprintf("filter %s (ID %d)", name, f.id)
}

// filterNames are the names of registered filters.
var filterNames = map[uint64]string{
	1: "deflate (gzip)", 2: "shuffle", 3: "fletcher32", 4: "SZIP", 5: "N-bit", 6: "scale-offset",
	305: "LZO", 307: "bzip2", 32000: "LZF", 32001: "Blosc", 32004: "LZ4", 32008: "Bitshuffle", 32013: "ZFP",
	32015: "Zstandard", 32017: "SZ", 32018: "FCIDECOMP", 32024: "SZ3", 32026: "Blosc2", 32028: "SPERR",
}

// pipeline holds the filters of a data set, in the order in which they were applied.
type pipeline struct {
	filters    []filter
	chunkBytes uint64
	zstd       *zstd.Decoder // created on first use
}

func (f *File) pipeline(messages []message) (pipeline, error) {
	m, ok, err := find(messages, messageFilters)
	switch {
	case err != nil || !ok:
		return pipeline{}, err
	case m.flags&flagShared != 0:
		return pipeline{}, unsupportedf("a shared filter message")
	}
	c := inBlock("filter message", m.body)
	version, count := c.uint(1), c.uint(1)
	if version == 1 {
		c.bytes(6)
	}
	if c.err == nil && (version < 1 || version > 2 || count > 32) {
		return pipeline{}, c.damaged("has version %d and %d filters", version, count)
	}
	var p pipeline
	for range count {
		p.filters = append(p.filters, parseFilter(c, version))
	}
	return p, c.err
}

func parseFilter(c *cursor, version uint64) filter {
	f := filter{id: c.uint(2)}
	nameSize := 0
	if version == 1 || f.id >= 256 {
		nameSize = int(c.uint(2))
	}
	c.bytes(2) // flags: whether the filter may fail when chunks are written
	count := c.uint(2)
	if version == 1 {
		nameSize = (nameSize + 7) / 8 * 8
	}
	f.name, _, _ = strings.Cut(string(c.bytes(nameSize)), "\x00")
	for i := uint64(0); i < count && c.err == nil; i++ {
		f.values = append(f.values, uint32(c.uint(4)))
	}
	if version == 1 && count%2 == 1 {
		c.bytes(4)
	}
	return f
}

// decode reverses the filters of a chunk, except those in mask. The optional flag of a filter affects only writing: a
// chunk that was filtered can be read only by reversing the filter.
func (p *pipeline) decode(b []byte, mask uint64) ([]byte, error) {
	for i := len(p.filters) - 1; i >= 0; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		f := p.filters[i]
		undo, ok := decoders[f.id]
		if !ok {
			return nil, unsupportedf("%s is not supported", f)
		}
		var err error
		if b, err = undo(p, f.values, b); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
	}
	return b, nil
}

// limit returns the maximum number of bytes that one step may produce: a chunk plus what the other filters may have
// added to it.
func (p *pipeline) limit() uint64 { return 2*p.chunkBytes + 1<<16 }
