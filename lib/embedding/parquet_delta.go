package embedding

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// maxDeltaBlock is the maximum number of values in a block of the delta encodings. Writers use 128 to 2048.
const maxDeltaBlock = 1 << 16

// deltaStreams is the number of DELTA_BINARY_PACKED streams at the start of the values in each encoding.
var deltaStreams = map[parquet.Encoding]int{
	parquet.Encodings.DeltaBinaryPacked: 1, parquet.Encodings.DeltaLengthByteArray: 1, parquet.Encodings.DeltaByteArray: 2,
}

// checkDeltas decompresses the pages of a chunk and checks the headers of the delta encodings in them, because the
// library allocates by what these announce.
func (c columnChunk) checkDeltas() error {
	pages, err := c.file.RowGroup(c.group).GetColumnPageReader(c.column.index)
	if err != nil {
		return err
	}
	defer pages.Close()
	for pages.Next() {
		page := pages.Page()
		streams := deltaStreams[parquet.Encoding(page.Encoding())]
		if page.Type() == file.PageTypeDictionaryPage || streams == 0 {
			continue
		}
		values, err := c.withoutLevels(page)
		for i := 0; err == nil && i < streams; i++ {
			values, err = skipDeltas(values, uint64(page.NumValues()))
		}
		if err != nil {
			return fmt.Errorf("%s, %s: %w", c.Compression(), parquet.Encoding(page.Encoding()), err)
		}
	}
	return pages.Err()
}

// withoutLevels returns the data of a page after its levels.
func (c columnChunk) withoutLevels(page file.Page) ([]byte, error) {
	data := page.Data()
	if v2, ok := page.(*file.DataPageV2); ok {
		return data[min(len(data), int(v2.RepetitionLevelByteLen())+int(v2.DefinitionLevelByteLen())):], nil
	}
	for _, has := range []bool{c.repetitions, c.definitions} {
		if !has {
			continue
		}
		if len(data) < 4 || uint64(binary.LittleEndian.Uint32(data)) > uint64(len(data)-4) {
			return nil, errors.New("damaged levels")
		}
		data = data[4+binary.LittleEndian.Uint32(data):]
	}
	return data, nil
}

// deltaHeader is the header of DELTA_BINARY_PACKED (Parquet's Encodings.md).
type deltaHeader struct{ block, miniblocks, total uint64 }

// check rejects a header that announces more values than the following data or the page can contain.
func (h deltaHeader) check(values, bytes uint64) error {
	switch {
	case h.block == 0 || h.block > maxDeltaBlock || h.miniblocks == 0 || h.block%h.miniblocks != 0:
		return fmt.Errorf("damaged: blocks of %d values in %d parts (at most %d values are read)", h.block, h.miniblocks, maxDeltaBlock)
	case h.total > values || (h.total+h.block-2)/h.block*(1+h.miniblocks) > bytes:
		return fmt.Errorf("damaged: announces %d deltas in %d bytes, in a page of %d values", h.total, bytes, values)
	}
	return nil
}

// skipDeltas checks a DELTA_BINARY_PACKED stream and returns the data after it.
func skipDeltas(data []byte, values uint64) ([]byte, error) {
	var h deltaHeader
	for _, to := range []*uint64{&h.block, &h.miniblocks, &h.total, new(uint64)} {
		n := 0
		if *to, n = binary.Uvarint(data); n <= 0 {
			return nil, errors.New("damaged: cut off in the header of the deltas")
		}
		data = data[n:]
	}
	if err := h.check(values, uint64(len(data))); err != nil {
		return nil, err
	}
	each := h.block / h.miniblocks
	for left := int64(h.total) - 1; left > 0; {
		_, n := binary.Uvarint(data) // minimum delta of the block
		if n <= 0 || uint64(len(data)-n) < h.miniblocks {
			return nil, errors.New("damaged: cut off in a block of deltas")
		}
		widths := data[n : n+int(h.miniblocks)]
		data = data[n+int(h.miniblocks):]
		for i := 0; i < len(widths) && left > 0; i++ {
			data = data[min(uint64(len(data)), each*uint64(widths[i])/8):]
			left -= int64(each)
		}
	}
	return data, nil
}
