package plate

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf16"

	pdf "codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
)

// subset returns the TrueType font of a face with the glyphs of text only. The font family is kept, and the PostScript name
// begins with a tag of six letters, as PDF requires for subsets (ISO 32000-1, 9.6.4). The same text gives the same bytes.
func subset(face font.Face, text string) (*opentype.Font, error) {
	var whole bytes.Buffer
	if _, err := face.Face.WriteSourceTo(nil, &whole); err != nil {
		return nil, err
	}
	cut := pdf.UTF8CutFont(whole.Bytes(), text)
	if cut == nil {
		return nil, errors.New("plate: this font cannot be cut to a subset")
	}
	tables, err := readTables(cut)
	if err != nil {
		return nil, err
	}
	if tables["name"], err = subsetNames(face.Face, text); err != nil {
		return nil, err
	}
	return opentype.Parse(writeTables(tables))
}

// subsetNames returns the name table of a subset, in the encoding of Windows (platform 3, UTF-16).
func subsetNames(f *opentype.Font, text string) ([]byte, error) {
	var records, words []byte
	var buffer sfnt.Buffer
	ids := []sfnt.NameID{sfnt.NameIDFamily, sfnt.NameIDSubfamily, sfnt.NameIDUniqueIdentifier, sfnt.NameIDFull, sfnt.NameIDVersion, sfnt.NameIDPostScript}
	for _, id := range ids {
		name, err := f.Name(&buffer, id)
		if err != nil {
			return nil, err
		}
		if id == sfnt.NameIDPostScript {
			name = subsetTag(text) + "+" + name
		}
		start := len(words)
		for _, unit := range utf16.Encode([]rune(name)) {
			words = binary.BigEndian.AppendUint16(words, unit)
		}
		for _, field := range []int{3, 1, 0x409, int(id), len(words) - start, start} { // platform, encoding, language
			records = binary.BigEndian.AppendUint16(records, uint16(field))
		}
	}
	var table []byte
	for _, field := range []int{0, len(ids), 6 + len(records)} {
		table = binary.BigEndian.AppendUint16(table, uint16(field))
	}
	return slices.Concat(table, records, words), nil
}

// subsetTag returns six capital letters that depend only on text.
func subsetTag(text string) string {
	sum := sha256.Sum256([]byte(text))
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag)
}

// readTables returns the tables of a TrueType font by name.
func readTables(ttf []byte) (map[string][]byte, error) {
	if len(ttf) < 12 {
		return nil, errors.New("plate: a font without tables")
	}
	tables := map[string][]byte{}
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		entry := 12 + 16*i
		if len(ttf) < entry+16 {
			return nil, errors.New("plate: a font whose list of tables is cut off")
		}
		name := string(ttf[entry : entry+4])
		start, size := int(binary.BigEndian.Uint32(ttf[entry+8:])), int(binary.BigEndian.Uint32(ttf[entry+12:]))
		if start+size > len(ttf) {
			return nil, fmt.Errorf("plate: a font whose table %q is cut off", name)
		}
		tables[name] = ttf[start : start+size]
	}
	return tables, nil
}

// writeTables returns the font with these tables and the checksums that OpenType requires.
func writeTables(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	head := bytes.Clone(tables["head"])
	clear(head[8:12]) // checksums are computed with checkSumAdjustment = 0
	tables["head"] = head
	power, log := 1, 0
	for 2*power <= len(names) {
		power, log = 2*power, log+1
	}
	font := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, field := range []int{len(names), 16 * power, log, 16*len(names) - 16*power} {
		font = binary.BigEndian.AppendUint16(font, uint16(field))
	}
	at, body := 12+16*len(names), []byte{}
	headAt := 0
	for _, name := range names {
		table := tables[name]
		if name == "head" {
			headAt = at + len(body)
		}
		font = append(font, name...)
		for _, field := range []uint32{checksum(table), uint32(at + len(body)), uint32(len(table))} {
			font = binary.BigEndian.AppendUint32(font, field)
		}
		body = append(body, table...)
		body = append(body, make([]byte, (4-len(table)%4)%4)...)
	}
	font = append(font, body...)
	binary.BigEndian.PutUint32(font[headAt+8:], 0xB1B0AFBA-checksum(font))
	return font
}

// checksum returns the sum of the big-endian 32-bit words of a table; the last word is padded with zeros.
func checksum(table []byte) (sum uint32) {
	for len(table) >= 4 {
		sum += binary.BigEndian.Uint32(table)
		table = table[4:]
	}
	var last [4]byte
	copy(last[:], table)
	return sum + binary.BigEndian.Uint32(last[:])
}
