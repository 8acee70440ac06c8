package scenery

// camera holds the position and the optics of the camera.
type camera struct {
	right, down    [2]q // extent of half a picture in the scene: rotation and zoom
	middle         [2]q
	exposure       color // including white balance
	contrast       q
	vignette, blur q
	grain          q
	grainSeed      uint32
}

func newCamera(s source) *camera {
	turn, zoom := s.between(-2, 2), s.between(75, 130)
	warm := s.between(-9, 9)
	exposure := s.between(72, 122)
	return &camera{
		right:     [2]q{mul(cos(turn), zoom), mul(sin(turn), zoom)},
		down:      [2]q{-mul(sin(turn), zoom), mul(cos(turn), zoom)},
		middle:    [2]q{s.between(-25, 25), s.between(-15, 15)},
		exposure:  color{mul(exposure, one+warm), exposure, mul(exposure, one-warm)},
		contrast:  s.between(80, 115),
		vignette:  s.between(0, 35),
		blur:      mul(s.between(0, 90), s.between(0, 100)),
		grain:     s.between(1, 7),
		grainSeed: s.seed(),
	}
}

// take renders and blurs a scene and converts it to bytes.
func (c *camera) take(look shader) []uint8 {
	picture := make([]color, Side*Side)
	for i := range picture {
		x, y := place(i%Side), place(i/Side)
		picture[i] = look(
			c.middle[0]+mul(c.right[0], x)+mul(c.down[0], y),
			c.middle[1]+mul(c.right[1], x)+mul(c.down[1], y),
		)
	}
	c.soften(picture, 1)
	c.soften(picture, Side)
	return c.develop(picture)
}

// place returns the position of the centre of a pixel in -1…1.
func place(pixel int) q { return q(2*pixel+1)*one/Side - one }

// soften blurs with weights blur : 2 : blur in one direction. step is 1 for rows and Side for columns.
func (c *camera) soften(picture []color, step int) {
	for line := range Side {
		start := line * Side
		if step == Side {
			start = line
		}
		before := picture[start]
		for k := range Side {
			at := start + k*step
			here, after := picture[at], picture[start+min(k+1, Side-1)*step]
			for ch := range here {
				picture[at][ch] = div(2*here[ch]+mul(c.blur, before[ch]+after[ch]), 2*one+2*c.blur)
			}
			before = here
		}
	}
}

// develop applies vignette, exposure, contrast and grain.
func (c *camera) develop(picture []color) []uint8 {
	pix := make([]uint8, 0, 3*Side*Side)
	for i, seen := range picture {
		x, y := place(i%Side), place(i/Side)
		light := one - mul(c.vignette, (mul(x, x)+mul(y, y))/2)
		bits := hash(q(i%Side), q(i/Side), c.grainSeed)
		for ch, v := range seen {
			v = mul(mul(v, c.exposure[ch]), light)
			v = one/2 + mul(v-one/2, c.contrast)
			speck := q(bits>>(10*ch)&1023)*64 - one/2
			v += mul(c.grain, speck)
			pix = append(pix, uint8(min(max(v*255/one, 0), 255)))
		}
	}
	return pix
}
