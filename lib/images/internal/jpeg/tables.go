package jpeg

import (
	"errors"
	"fmt"
)

// natural maps positions in the zigzag sequence to positions in the block, row by row (Figure A.6).
var natural = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// readQuants reads quantisation tables (B.2.4.1).
func (d *decoder) readQuants(payload []byte) error {
	for len(payload) > 0 {
		wide, index := int(payload[0]>>4), payload[0]&15
		size := 1 + 64*(1+wide)
		if wide > 1 || index > 3 || len(payload) < size {
			return errors.New("JPEG quantisation table is malformed")
		}
		table := new([64]int32)
		for k, place := range natural {
			if wide == 1 {
				table[place] = int32(payload[1+2*k])<<8 | int32(payload[2+2*k])
			} else {
				table[place] = int32(payload[1+k])
			}
		}
		d.quants[index] = table
		payload = payload[size:]
	}
	return nil
}

// fastBits is the maximum length of codes that are decoded by a single look-up.
const fastBits = 9

// huffman is a code table prepared for decoding (Annex F.2.2.3).
type huffman struct {
	fast    [1 << fastBits]uint16 // length<<8 | symbol for every continuation of a short code, otherwise 0
	limit   [18]int32             // one above the largest code of each length; the last one ends every search
	offset  [17]int32             // symbols[code + offset] is the symbol of a code of each length
	symbols []uint8
}

// readHuffmans reads code tables (B.2.4.2).
func (d *decoder) readHuffmans(payload []byte) error {
	for len(payload) > 0 {
		class, index := payload[0]>>4, payload[0]&15
		if class > 1 || index > 3 || len(payload) < 17 {
			return errors.New("JPEG Huffman table is malformed")
		}
		counts, total := payload[1:17], 0
		for _, n := range counts {
			total += int(n)
		}
		if total > 256 || len(payload) < 17+total {
			return fmt.Errorf("JPEG Huffman table of %d codes does not fit its segment", total)
		}
		table, err := newHuffman(counts, payload[17:17+total])
		if err != nil {
			return err
		}
		if class == 0 {
			d.dcTables[index] = table
		} else {
			d.acTables[index] = table
		}
		payload = payload[17+total:]
	}
	return nil
}

// newHuffman assigns codes to symbols, in order: counts[i] codes have i+1 bits (C.2).
func newHuffman(counts, symbols []uint8) (*huffman, error) {
	t := &huffman{symbols: append([]uint8(nil), symbols...)}
	code, first := int32(0), int32(0)
	for length := int32(1); length <= 16; length++ {
		n := int32(counts[length-1])
		if code+n > 1<<length {
			return nil, errors.New("JPEG Huffman table has more codes than bits allow")
		}
		t.offset[length] = first - code
		for i := range n {
			t.addFast(code+i, length, t.symbols[first+i])
		}
		code, first = code+n, first+n
		t.limit[length] = code
		code <<= 1
	}
	t.limit[17] = 1 << 30
	return t, nil
}

func (t *huffman) addFast(code, length int32, symbol uint8) {
	if length > fastBits {
		return
	}
	spare := fastBits - length
	for i := range int32(1) << spare {
		t.fast[code<<spare|i] = uint16(length)<<8 | uint16(symbol)
	}
}
