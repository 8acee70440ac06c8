package embedding

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"
)

// OpenLabels reads a whole number for each row: from FILE.npy, an array of n or n × 1 integers of at most 64 bits, or from a
// text file with one number in each line. An unsigned number above 2⁶³ − 1 is an error.
func OpenLabels(path string) ([]int64, error) {
	s, err := openSource(path, "", io.Discard)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	read := readTextLabels
	if strings.EqualFold(filepath.Ext(path), ".npy") {
		read = readNPYLabels
	}
	labels, err := read(s)
	if err == nil {
		err = s.checkUnchanged()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return labels, nil
}

func readTextLabels(s source) (labels []int64, err error) {
	lines := bufio.NewScanner(s)
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: %.40q is not a whole number of at most 64 bits", len(labels)+1, text)
		}
		labels = append(labels, n)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", len(labels)+1, err)
	}
	if len(labels) == 0 {
		return nil, errors.New("holds no labels")
	}
	return labels, nil
}

func readNPYLabels(s source) ([]int64, error) {
	h, shape, err := readNPYFields(s)
	if err != nil {
		return nil, err
	}
	sides, ok := shape.data.(tuple)
	if !ok || len(sides) < 1 || len(sides) > 2 || len(sides) == 2 && sides[1].data != int64(1) {
		return nil, fmt.Errorf("has shape %.200s; a label for each row, of shape (n,) or (n, 1), is expected", shape.text)
	}
	if h.n, ok = sides[0].data.(int64); !ok || h.n < 1 {
		return nil, fmt.Errorf("has shape %.200s: it holds no labels", shape.text)
	}
	if !strings.Contains(h.scalar.name, "int") {
		return nil, fmt.Errorf("holds numbers of type %s; labels are integers", h.scalar.name)
	}
	h.d = 1
	if err := h.checkSize(s); err != nil {
		return nil, err
	}
	labels, raw, in := make([]int64, h.n), make([]byte, h.scalar.size), bufio.NewReaderSize(s, 1<<16)
	for i := range labels {
		if _, err := io.ReadFull(in, raw); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		if labels[i], ok = h.integer(raw); !ok {
			return nil, fmt.Errorf("row %d: the label is above 2⁶³ − 1", i)
		}
	}
	return labels, nil
}

// integer decodes an integer of 1 to 8 bytes. ok is false if int64 cannot represent it.
func (h npyHeader) integer(raw []byte) (n int64, ok bool) {
	var bits uint64
	switch len(raw) {
	case 1:
		bits = uint64(raw[0])
	case 2:
		bits = uint64(h.order.Uint16(raw))
	case 4:
		bits = uint64(h.order.Uint32(raw))
	default:
		bits = h.order.Uint64(raw)
	}
	if strings.HasPrefix(h.scalar.name, "u") {
		return int64(bits), bits <= math.MaxInt64
	}
	unused := 64 - 8*len(raw)
	return int64(bits<<unused) >> unused, true
}
