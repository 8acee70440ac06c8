package jpeg

// sequential decodes a whole block (F.2.2).
func (s *scan) sequential(p *scanPart, block *[64]int16) {
	r := &s.reader
	p.previous += r.extended(r.symbol(p.dc) & 15)
	block[0] = int16(p.previous)
	for k := 1; k < 64; k++ {
		symbol := r.symbol(p.ac)
		run, size := int(symbol>>4), symbol&15
		if size == 0 {
			if run != 15 {
				return
			}
			k += 15
			continue
		}
		if k += run; k > 63 {
			r.invalid = true
			return
		}
		block[natural[k]] = int16(r.extended(size))
	}
}

// firstDC decodes the DC coefficient without its lowest bits (G.1.2.1).
func (s *scan) firstDC(p *scanPart, block *[64]int16) {
	p.previous += s.reader.extended(s.reader.symbol(p.dc) & 15)
	block[0] = int16(p.previous << s.low)
}

// refineDC decodes one more bit of the DC coefficient.
func (s *scan) refineDC(_ *scanPart, block *[64]int16) {
	block[0] |= int16(s.reader.receive(1) << s.low)
}

// firstAC decodes a band of coefficients without their lowest bits (G.1.2.2).
func (s *scan) firstAC(p *scanPart, block *[64]int16) {
	if s.eobRun > 0 {
		s.eobRun--
		return
	}
	r := &s.reader
	for k := s.from; k <= s.to; k++ {
		symbol := r.symbol(p.ac)
		run, size := int(symbol>>4), symbol&15
		if size == 0 {
			if run != 15 {
				s.eobRun = 1<<run + r.receive(uint8(run)) - 1
				return
			}
			k += 15
			continue
		}
		if k += run; k > s.to {
			r.invalid = true
			return
		}
		block[natural[k]] = int16(r.extended(size) << s.low)
	}
}

// refineAC decodes one more bit of a band of coefficients (G.1.2.3).
func (s *scan) refineAC(p *scanPart, block *[64]int16) {
	r := &s.reader
	k := s.from
	for s.eobRun == 0 && k <= s.to {
		symbol := r.symbol(p.ac)
		run, size := int(symbol>>4), symbol&15
		value := int16(0)
		switch {
		case size == 1:
			value = int16(2*r.receive(1)-1) << s.low
		case size != 0:
			r.invalid = true
			return
		case run != 15:
			s.eobRun = 1<<run + r.receive(uint8(run))
		}
		if s.eobRun > 0 {
			break
		}
		k = s.refineNonZero(block, k, run)
		if value != 0 {
			if k > s.to {
				r.invalid = true
				return
			}
			block[natural[k]] = value
		}
		k++
	}
	if s.eobRun > 0 {
		s.refineNonZero(block, k, 64)
		s.eobRun--
	}
}

// refineNonZero adds the next bit to the non-zero coefficients from index k on and skips run zeros. It returns the index
// of the next zero, or the index after the band.
func (s *scan) refineNonZero(block *[64]int16, k, run int) int {
	bit := int16(1) << s.low
	for ; k <= s.to; k++ {
		c := &block[natural[k]]
		if *c == 0 {
			if run == 0 {
				break
			}
			run--
			continue
		}
		if s.reader.receive(1) == 0 || *c&bit != 0 {
			continue
		}
		if *c > 0 {
			*c += bit
		} else {
			*c -= bit
		}
	}
	return k
}
