package jpeg

// picture converts coefficients to pixels.
func (d *decoder) picture() (*Picture, error) {
	f := d.frame
	p := &Picture{Width: f.width, Height: f.height, Pix: make([]uint8, 3*f.width*f.height)}
	planes := make([]*upsampler, len(f.components))
	for i, c := range f.components {
		planes[i] = newUpsampler(f, c)
	}
	write := d.rowWriter()
	rows := make([][]uint8, len(planes))
	for y := range f.height {
		for i, u := range planes {
			rows[i] = u.row(y)
		}
		write(p.Pix[3*y*f.width:][:3*f.width], rows)
	}
	return p, nil
}

// rowWriter chooses the colour space as libjpeg does (jdapimin.c).
func (d *decoder) rowWriter() func(pix []uint8, rows [][]uint8) {
	c := d.frame.components
	switch {
	case len(c) == 1:
		return writeGrey
	case len(c) == 4 && d.hasAdobe && d.adobeTransform != 0:
		return writeYCCK
	case len(c) == 4:
		return writeCMYK
	case d.hasJFIF:
		return writeYCbCr
	case d.hasAdobe && d.adobeTransform == 0:
		return writeRGB
	case !d.hasAdobe && c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B':
		return writeRGB
	}
	return writeYCbCr
}

func writeGrey(pix []uint8, rows [][]uint8) {
	for x := range len(pix) / 3 {
		pix[3*x], pix[3*x+1], pix[3*x+2] = rows[0][x], rows[0][x], rows[0][x]
	}
}

func writeRGB(pix []uint8, rows [][]uint8) {
	for x := range len(pix) / 3 {
		pix[3*x], pix[3*x+1], pix[3*x+2] = rows[0][x], rows[1][x], rows[2][x]
	}
}

// writeYCbCr converts by the JFIF equations in 16-bit fixed point (jdcolor.c).
func writeYCbCr(pix []uint8, rows [][]uint8) {
	const half = 1 << 15
	for x := range len(pix) / 3 {
		y, cb, cr := int32(rows[0][x]), int32(rows[1][x])-128, int32(rows[2][x])-128
		pix[3*x] = clamp(y + (91881*cr+half)>>16)
		pix[3*x+1] = clamp(y + (-22554*cb-46802*cr+half)>>16)
		pix[3*x+2] = clamp(y + (116130*cb+half)>>16)
	}
}

// writeCMYK converts inverted ink and inverted black: black − (255 − ink) · black / 255 (Pillow's Convert.c).
func writeCMYK(pix []uint8, rows [][]uint8) {
	writeRGB(pix, rows)
	darken(pix, rows[3])
}

// writeYCCK converts inks that are stored as the YCbCr values of their complements.
func writeYCCK(pix []uint8, rows [][]uint8) {
	writeYCbCr(pix, rows)
	for i, v := range pix {
		pix[i] = 255 - v
	}
	darken(pix, rows[3])
}

func darken(pix, black []uint8) {
	for i, v := range pix {
		light := int32(black[i/3])
		scaled := (255-int32(v))*light + 128
		pix[i] = clamp(light - (scaled>>8+scaled)>>8)
	}
}
