package jpeg

import (
	"errors"
	"fmt"
)

// scan is a pass over some components (B.2.3). The names in parentheses are those of the standard.
type scan struct {
	reader   bitReader
	parts    []*scanPart
	from, to int   // first and last coefficient in zigzag order (Ss, Se)
	high     uint8 // point transform of the previous scan, 0 for a first scan (Ah)
	low      uint8 // point transform (Al)
	eobRun   int32 // number of blocks that remain to be skipped (EOBRUN)
	decode   func(s *scan, p *scanPart, block *[64]int16)
}

// scanPart is a component in a scan.
type scanPart struct {
	*component
	dc, ac   *huffman
	previous int32 // DC prediction
}

func (d *decoder) readScan(payload []byte) error {
	if d.frame == nil {
		return errors.New("JPEG scan before the frame header")
	}
	s, err := d.newScan(payload)
	if err != nil {
		return err
	}
	if err := s.chooseDecode(d.frame.progressive); err != nil {
		return err
	}
	s.reader = bitReader{data: d.data, next: d.next}
	if len(s.parts) == 1 {
		err = d.scanOne(s)
	} else {
		err = d.scanInterleaved(s)
	}
	d.next = s.reader.next
	return err
}

func (d *decoder) newScan(payload []byte) (*scan, error) {
	if len(payload) < 1 || payload[0] < 1 || payload[0] > 4 || len(payload) != 4+2*int(payload[0]) {
		return nil, errors.New("JPEG scan header is malformed")
	}
	tail := payload[len(payload)-3:]
	s := &scan{from: int(tail[0]), to: int(tail[1]), high: tail[2] >> 4, low: tail[2] & 15}
	for i := range int(payload[0]) {
		part, err := d.newScanPart(payload[1+2*i], payload[2+2*i])
		if err != nil {
			return nil, err
		}
		s.parts = append(s.parts, part)
	}
	return s, nil
}

func (d *decoder) newScanPart(id, tables uint8) (*scanPart, error) {
	for _, c := range d.frame.components {
		if c.id != id {
			continue
		}
		if tables>>4 > 3 || tables&15 > 3 {
			return nil, fmt.Errorf("JPEG scan: component %d has Huffman tables %d and %d, want 0…3", id, tables>>4, tables&15)
		}
		if c.quant == nil {
			c.quant = d.quants[c.quantIndex]
		}
		if c.quant == nil {
			return nil, fmt.Errorf("JPEG scan: component %d has no quantisation table", id)
		}
		return &scanPart{component: c, dc: d.dcTables[tables>>4], ac: d.acTables[tables&15]}, nil
	}
	return nil, fmt.Errorf("JPEG scan: no component %d in the frame", id)
}

// chooseDecode checks the parameters of the scan (Table B.3, G.1.1.1) and the presence of its tables, and chooses the
// function that decodes a block.
func (s *scan) chooseDecode(progressive bool) error {
	needsDC, needsAC := true, true
	switch {
	case !progressive:
		s.from, s.to, s.high, s.low = 0, 63, 0, 0
		s.decode = (*scan).sequential
	case s.to > 63 || s.from > s.to || s.low > 13 || s.high > 13 || s.from == 0 && s.to != 0 || s.from > 0 && len(s.parts) > 1:
		return fmt.Errorf("JPEG progressive scan of coefficients %d…%d, bits %d and %d: malformed", s.from, s.to, s.high, s.low)
	case s.from == 0 && s.high == 0:
		s.decode, needsAC = (*scan).firstDC, false
	case s.from == 0:
		s.decode, needsDC, needsAC = (*scan).refineDC, false, false
	case s.high == 0:
		s.decode, needsDC = (*scan).firstAC, false
	default:
		s.decode, needsDC = (*scan).refineAC, false
	}
	for _, p := range s.parts {
		if needsDC && p.dc == nil || needsAC && p.ac == nil {
			return fmt.Errorf("JPEG scan: component %d has no Huffman table", p.id)
		}
	}
	return nil
}

// scanOne reads a scan of one component: its blocks in rows, without padding (A.2.2).
func (d *decoder) scanOne(s *scan) error {
	p := s.parts[0]
	width, height := ceilDiv(p.width, 8), ceilDiv(p.height, 8)
	for i := range width * height {
		if err := d.restartAt(s, i); err != nil {
			return err
		}
		s.decode(s, p, &p.blocks[i/width*p.blocksX+i%width])
		if err := s.check(); err != nil {
			return err
		}
	}
	return nil
}

// scanInterleaved reads a scan of several components MCU by MCU. An MCU contains blocks of every component (A.2.3).
func (d *decoder) scanInterleaved(s *scan) error {
	for i := range d.frame.mcusX * d.frame.mcusY {
		if err := d.restartAt(s, i); err != nil {
			return err
		}
		x, y := i%d.frame.mcusX, i/d.frame.mcusX
		for _, p := range s.parts {
			for b := range p.h * p.v {
				s.decode(s, p, &p.blocks[(y*p.v+b/p.h)*p.blocksX+x*p.h+b%p.h])
			}
		}
		if err := s.check(); err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) check() error {
	switch {
	case s.reader.invalid:
		return errors.New("corrupt JPEG data: no such Huffman code or coefficient")
	case s.reader.overrun() && s.reader.next >= len(s.reader.data):
		return errTruncated
	case s.reader.overrun():
		return fmt.Errorf("corrupt JPEG data: the scan ends early, at byte %d", s.reader.next)
	}
	return nil
}

// restartAt reads the restart marker if one is required before MCU i (F.2.2.5).
func (d *decoder) restartAt(s *scan, i int) error {
	if d.restartInterval == 0 || i == 0 || i%d.restartInterval != 0 {
		return nil
	}
	at := s.reader.next
	for at+1 < len(d.data) && d.data[at] == 0xff && d.data[at+1] == 0xff { // fill bytes
		at++
	}
	want := uint8(markerRST0 + (i/d.restartInterval-1)%8)
	if at+1 >= len(d.data) {
		return errTruncated
	}
	if d.data[at] != 0xff || d.data[at+1] != want {
		return fmt.Errorf("corrupt JPEG data: no restart marker at byte %d", at)
	}
	s.reader.restart(at + 2)
	s.eobRun = 0
	for _, p := range s.parts {
		p.previous = 0
	}
	return nil
}
