package jpeg

// The inverse DCT is the accurate integer transform of libjpeg (jidctint.c), after Loeffler, Ligtenberg & Moschytz, "Practical fast 1-D
// DCT algorithms with 11 multiplications" (ICASSP 1989), in 13-bit fixed point. The column pass keeps two additional bits for the rows.
const (
	constBits = 13
	pass1Bits = 2
)

// Factors times 2¹³.
const (
	fix0298631336 = 2446
	fix0390180644 = 3196
	fix0541196100 = 4433
	fix0765366865 = 6270
	fix0899976223 = 7373
	fix1175875602 = 9633
	fix1501321110 = 12299
	fix1847759065 = 15137
	fix1961570560 = 16069
	fix2053119869 = 16819
	fix2562915447 = 20995
	fix3072711026 = 25172
)

// idct writes the 8 × 8 samples of a block to out. Rows are stride bytes apart.
func idct(block *[64]int16, quant *[64]int32, out []uint8, stride int) {
	var columns [64]int32
	for x := range 8 {
		var line [8]int32
		for y := range 8 {
			line[y] = int32(block[8*y+x]) * quant[8*y+x]
		}
		if line[1]|line[2]|line[3]|line[4]|line[5]|line[6]|line[7] == 0 {
			line[0] <<= pass1Bits
			for y := range 8 {
				columns[8*y+x] = line[0]
			}
			continue
		}
		line = transform(line, constBits-pass1Bits)
		for y := range 8 {
			columns[8*y+x] = line[y]
		}
	}
	for y := range 8 {
		line := transform([8]int32(columns[8*y:]), constBits+pass1Bits+3)
		row := out[y*stride:][:8]
		for x, v := range line {
			row[x] = clamp(v + 128)
		}
	}
}

// transform returns the one-dimensional inverse DCT, divided by 2^shift and rounded.
func transform(in [8]int32, shift uint) [8]int32 {
	// Even part: the rotation is by √2·c6.
	z1 := (in[2] + in[6]) * fix0541196100
	e2 := z1 - in[6]*fix1847759065
	e3 := z1 + in[2]*fix0765366865
	e0 := (in[0] + in[4]) << constBits
	e1 := (in[0] - in[4]) << constBits
	a0, a3, a1, a2 := e0+e3, e0-e3, e1+e2, e1-e2

	// Odd part, after Figure 8 of the paper; the matrix is unitary up to √2.
	o0, o1, o2, o3 := in[7], in[5], in[3], in[1]
	z1, z2, z3, z4 := o0+o3, o1+o2, o0+o2, o1+o3
	z5 := (z3 + z4) * fix1175875602
	z1, z2 = -z1*fix0899976223, -z2*fix2562915447
	z3, z4 = z5-z3*fix1961570560, z5-z4*fix0390180644
	o0 = o0*fix0298631336 + z1 + z3
	o1 = o1*fix2053119869 + z2 + z4
	o2 = o2*fix3072711026 + z2 + z3
	o3 = o3*fix1501321110 + z1 + z4

	half := int32(1) << (shift - 1)
	return [8]int32{
		(a0 + o3 + half) >> shift, (a1 + o2 + half) >> shift, (a2 + o1 + half) >> shift, (a3 + o0 + half) >> shift,
		(a3 - o0 + half) >> shift, (a2 - o1 + half) >> shift, (a1 - o2 + half) >> shift, (a0 - o3 + half) >> shift,
	}
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// plane returns the samples of a component, padded to whole blocks.
func (c *component) plane() (samples []uint8, stride int) {
	stride = 8 * c.blocksX
	samples = make([]uint8, 64*len(c.blocks))
	for i := range c.blocks {
		idct(&c.blocks[i], c.quant, samples[i/c.blocksX*8*stride+i%c.blocksX*8:], stride)
	}
	return samples, stride
}
