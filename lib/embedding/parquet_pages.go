package embedding

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/thrift/lib/go/thrift"
)

// pageHeader holds the fields of PageHeader (parquet.thrift).
type pageHeader struct {
	kind                     int32
	uncompressed, compressed int32
	crc                      uint32
	fields                   uint // bit i is set if field i is present
	// From the header of its kind:
	values, encoding int32
	part             uint // bits of its fields, as in fields
	// Data page v2 only (field 3 is not the number of rows in v1):
	rows, levels int32
	plain        bool // whether its values are uncompressed
}

const (
	dataPage       = 0
	dictionaryPage = 2
	dataPageV2     = 3
)

// partOf maps fields of PageHeader to the kind of page that they describe. requiredFields are the fields that each
// description must have.
var (
	partOf         = map[int16]int32{5: dataPage, 7: dictionaryPage, 8: dataPageV2}
	requiredFields = map[int32]uint{dataPage: 0b11110, dictionaryPage: 0b110, dataPageV2: 0b1111110}
)

const requiredOfPage, crcField = 0b1110, 1 << 4

func parsePageHeader(data []byte) (h pageHeader, size int64, err error) {
	p := newCompactReader(data)
	parts := map[int32]pageHeader{}
	err = p.fields(func(id int16, kind thrift.TType) (err error) {
		part, isPart := partOf[id]
		switch {
		case isPart && kind == thrift.STRUCT:
			parts[part], err = p.pagePart(part)
		case kind != thrift.I32:
			err = p.Skip(context.Background(), kind)
		default:
			err = h.set(id, p)
		}
		return err
	})
	if part, ok := parts[h.kind]; ok {
		h.part, h.values, h.encoding, h.rows, h.levels, h.plain = part.part, part.values, part.encoding, part.rows, part.levels, part.plain
	}
	return h, int64(len(data)) - int64(p.buffer.RemainingBytes()), err
}

// fieldBit returns the bit of a field number, or 0 for an unknown field.
func fieldBit(id int16) uint {
	if id < 0 || id > 8 {
		return 0
	}
	return 1 << id
}

// set reads a field of PageHeader.
func (h *pageHeader) set(id int16, p compactReader) error {
	n, err := p.int32()
	switch id {
	case 1:
		h.kind = n
	case 2:
		h.uncompressed = n
	case 3:
		h.compressed = n
	case 4:
		h.crc = uint32(n)
	}
	h.fields |= fieldBit(id)
	return err
}

// pagePart reads DataPageHeader, DictionaryPageHeader or DataPageHeaderV2.
func (p compactReader) pagePart(of int32) (h pageHeader, err error) {
	encoding := int16(2)
	if of == dataPageV2 {
		encoding = 4
	}
	err = p.fields(func(id int16, kind thrift.TType) error {
		if of == dataPageV2 && id == 7 && kind == thrift.BOOL {
			compressed, err := p.ReadBool(context.Background())
			h.plain = !compressed
			return err
		}
		if kind != thrift.I32 {
			return p.Skip(context.Background(), kind)
		}
		n, err := p.int32()
		h.part |= fieldBit(id)
		switch {
		case n < 0:
			return errors.New("a negative number in the header of a page")
		case id == 1:
			h.values = n
		case id == encoding:
			h.encoding = n
		case id == 3:
			h.rows = n
		case id == 5 || id == 6:
			if h.levels += n; h.levels < 0 {
				return errors.New("levels of more bytes than a page can hold")
			}
		}
		return err
	})
	return h, err
}

// pageHeader reads the header of the page at an offset of the file and returns the offset of its body.
func (c columnChunk) pageHeader(at int64) (pageHeader, int64, error) {
	const most = 16 << 20
	for size := int64(512); ; size *= 8 {
		head := make([]byte, max(0, min(size, c.file.dataEnd-at)))
		if _, err := c.file.ReadAt(head, at); err != nil {
			return pageHeader{}, 0, err
		}
		h, length, err := parsePageHeader(head)
		if err == nil {
			return h, at + length, nil
		}
		if int64(len(head)) < size || size > most {
			return pageHeader{}, 0, errors.New("the header of a page is damaged or cut off")
		}
	}
}

// pageCheck checks the pages of a chunk one after another.
type pageCheck struct {
	columnChunk
	at           int64 // offset of the page that is checked next
	values, data int64 // in the pages so far; data counts the rows of data pages v2
	v2, delta    bool
}

// begin returns the check of the first page.
func (c columnChunk) begin() (*pageCheck, error) {
	if name, ok := unreadCodecs[c.Compression().String()]; ok {
		return nil, fmt.Errorf("is compressed by %s, which is not read; write it with zstd, snappy, gzip or lz4_raw", name)
	}
	if c.start < 4 || c.NumValues() < c.rows || !c.repetitions && c.NumValues() != c.rows {
		return nil, fmt.Errorf("damaged footer: %d values in %d rows, at byte %d", c.NumValues(), c.rows, c.start)
	}
	return &pageCheck{columnChunk: c, at: c.start, v2: true}, nil
}

// done reports whether all pages were checked.
func (p *pageCheck) done() bool { return p.values >= p.NumValues() }

// next checks a page, and after the last one the sums of all.
func (p *pageCheck) next() error {
	h, body, err := p.pageHeader(p.at)
	if err == nil {
		err = p.checkPage(h, body, p.at == p.start)
	}
	if err != nil {
		return fmt.Errorf("page at byte %d: %w", p.at, err)
	}
	if p.at = body + int64(h.compressed); h.kind != dictionaryPage {
		p.values, p.data, p.v2 = p.values+int64(h.values), p.data+int64(h.rows), p.v2 && h.kind == dataPageV2
		p.delta = p.delta || deltaStreams[parquet.Encoding(h.encoding)] > 0
	}
	if p.done() && (p.values != p.NumValues() || p.v2 && p.data != p.rows) {
		return fmt.Errorf("announces %d values in %d rows, its pages %d in %d", p.NumValues(), p.rows, p.values, p.data)
	}
	return nil
}

// checkPages reads the page headers of a chunk before the library does, because the library allocates and decodes by
// what they announce. It verifies checksums if the file has them.
func (c columnChunk) checkPages() error {
	p, err := c.begin()
	if err != nil {
		return err
	}
	for !p.done() {
		if err := p.next(); err != nil {
			return err
		}
	}
	// The library reads only the pages that were checked.
	c.file.MetaData().RowGroups[c.group].Columns[c.column.index].MetaData.TotalCompressedSize = p.at - c.start
	if p.delta {
		return c.checkDeltas()
	}
	return nil
}

func (c columnChunk) checkPage(h pageHeader, body int64, first bool) error {
	size, width := int64(h.uncompressed), int64(c.width)
	must, known := requiredFields[h.kind]
	switch {
	case !known || h.fields&requiredOfPage != requiredOfPage || h.part&must != must:
		return fmt.Errorf("is of unknown type %d, or its header lacks a field", h.kind)
	case h.uncompressed < 0 || h.compressed < 0 || body+int64(h.compressed) > c.file.dataEnd:
		return fmt.Errorf("%d bytes of data, %d uncompressed, do not fit the file", h.compressed, h.uncompressed)
	case h.kind == dictionaryPage && !first:
		return errors.New("a dictionary is not the first page")
	case h.kind == dictionaryPage && (width > 0 && int64(h.values)*width != size || width == 0 && int64(h.values)*4 > size):
		return fmt.Errorf("announces a dictionary of %d values in %d bytes", h.values, size)
	case h.levels > h.compressed || h.levels > h.uncompressed:
		return fmt.Errorf("announces levels of %d bytes in %d", h.levels, h.compressed)
	}
	if err := c.checkSum(h, body); err != nil {
		return err
	}
	if err := c.checkBody(h, body); err != nil {
		return fmt.Errorf("%s: %w", c.Compression(), err)
	}
	return nil
}

// checkSum verifies the CRC-32 of a page, if it has one.
func (c columnChunk) checkSum(h pageHeader, body int64) error {
	if h.fields&crcField == 0 {
		return nil
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.NewSectionReader(c.file, body, int64(h.compressed))); err != nil {
		return err
	}
	if sum.Sum32() != h.crc {
		return fmt.Errorf("damaged: its checksum (CRC-32) is %08x, the file says %08x", sum.Sum32(), h.crc)
	}
	return nil
}
