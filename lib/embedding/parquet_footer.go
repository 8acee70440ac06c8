package embedding

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/apache/thrift/lib/go/thrift"
)

// checkFooter checks both ends of the file and the structure of its footer before the library parses it. It returns the
// offset of the footer.
func checkFooter(s source) (int64, error) {
	var begin [4]byte
	var end [8]byte
	_, errBegin := s.ReadAt(begin[:], 0)
	_, errEnd := s.ReadAt(end[:], max(0, s.size-8))
	magic := string(end[4:])
	switch {
	case magic == "PARE":
		return 0, errors.New("is an encrypted Parquet file (it ends in PARE); write it without encryption")
	case errBegin != nil || errEnd != nil || magic != "PAR1":
		return 0, errors.New("not a Parquet file, or a truncated one: it does not end in PAR1")
	case string(begin[:]) != "PAR1":
		return 0, errors.New("not a Parquet file, or a damaged one: it does not begin with PAR1")
	}
	length := int64(binary.LittleEndian.Uint32(end[:]))
	if length > s.size-12 {
		return 0, fmt.Errorf("announces a footer of %d bytes in a file of %d", length, s.size)
	}
	footer := make([]byte, length)
	if _, err := s.ReadAt(footer, s.size-8-length); err != nil {
		return 0, err
	}
	if err := checkFooterShape(footer); err != nil {
		return 0, fmt.Errorf("damaged footer: %w", err)
	}
	return s.size - 8 - length, nil
}

// checkFooterShape reads FileMetaData (parquet.thrift). It checks that every list has its announced length and that the
// numbers of children in the schema add up. The memory that the library allocates for them is then proportional to the
// size of the footer.
func checkFooterShape(footer []byte) error {
	elements, children := 0, 0
	p := newCompactReader(footer)
	err := p.fields(func(id int16, kind thrift.TType) error {
		if id != 2 || kind != thrift.LIST {
			return p.Skip(context.Background(), kind)
		}
		_, n, err := p.ReadListBegin(context.Background())
		elements = n
		for i := 0; err == nil && i < n; i++ {
			err = p.fields(func(id int16, kind thrift.TType) error {
				if id != 5 || kind != thrift.I32 {
					return p.Skip(context.Background(), kind)
				}
				n, err := p.int32()
				if n < 0 || int(n) > elements {
					return fmt.Errorf("a group of %d columns in a schema of %d", n, elements)
				}
				children += int(n)
				return err
			})
		}
		return err
	})
	if err == nil && children != elements-1 {
		err = fmt.Errorf("its schema has %d columns and groups, which have %d children", elements, children)
	}
	return err
}

// compactReader reads Thrift's compact protocol. It rejects lists and strings that are longer than the input.
type compactReader struct {
	*thrift.TCompactProtocol
	buffer *thrift.TMemoryBuffer
}

func newCompactReader(data []byte) compactReader {
	buffer := &thrift.TMemoryBuffer{Buffer: bytes.NewBuffer(data)}
	most := int32(min(len(data)+1, math.MaxInt32)) // 0 would mean the default
	return compactReader{thrift.NewTCompactProtocolConf(buffer, &thrift.TConfiguration{MaxMessageSize: most}), buffer}
}

func (p compactReader) int32() (int32, error) { return p.ReadI32(context.Background()) }

// fields reads a struct and calls visit, which reads or skips the value, for each field.
func (p compactReader) fields(visit func(id int16, kind thrift.TType) error) error {
	if _, err := p.ReadStructBegin(context.Background()); err != nil {
		return err
	}
	for {
		_, kind, id, err := p.ReadFieldBegin(context.Background())
		if err != nil {
			return err
		}
		if kind == thrift.STOP {
			return p.ReadStructEnd(context.Background())
		}
		if err := visit(id, kind); err != nil {
			return err
		}
	}
}
