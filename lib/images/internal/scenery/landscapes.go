package scenery

// sky returns a gradient from the horizon upwards, with clouds in some scenes.
func (s source) sky(horizon q) shader {
	top, low := s.either(0x2f6fc0, 0x7f9fb8), s.either(0xc9dbe8, 0xf0cfa0)
	cover, size, seed := s.between(-30, 60), s.between(120, 300), s.seed()
	return func(x, y q) color {
		c := blend(low, top, smooth(0, 2*one, horizon-y))
		cloud := clouds(mul(x, size), mul(y, 2*size), 4, seed)
		return blend(c, rgb(0xf4f4f2), smooth(pc(85)-cover, pc(125)-cover, cloud+pc(30)))
	}
}

// ground projects a point below the horizon onto the plane. It returns the distance and the sideways position on the
// plane.
func ground(x, below q) (side, far q) {
	far = div(pc(35), max(below, 0)+pc(9))
	return mul(x, far+pc(40)), far
}

// margin is greater than the width of any edge between land and sky.
const margin = one / 25

// before returns the colour of land blended over the sky at x, y.
func (sky shader) before(x, y q, land color, share q) color {
	if share == one {
		return land
	}
	return blend(sky(x, y), land, share)
}

func dunes(s source) shader {
	horizon := s.between(-60, 5)
	sky := s.sky(horizon)
	bright, dark := s.either(0xecc98f, 0xcf9158), s.either(0x93643a, 0x6b4630)
	ripples, warp, size := s.between(500, 1100), s.between(60, 180), s.between(80, 200)
	seed := s.seed()
	return func(x, y q) color {
		ridge := horizon + mul(pc(40), clouds(mul(x, size), 7*one, 3, seed)) - pc(20)
		if y < ridge-margin {
			return sky(x, y)
		}
		side, far := ground(x, y-ridge)
		bend := clouds(2*side, 2*far, 3, seed+1)
		ripple := sin(mul(ripples, far) + mul(warp, 2*bend) + side)
		slope := clouds(mul(x, size)+mul(y, pc(60)), mul(y, 2*size), 2, seed+2)
		light := slope + mul(ripple, mul(pc(22), smooth(0, pc(60), y-ridge))) + pc(4)
		sand := blend(dark, bright, min(max(light, 0), one))
		return sky.before(x, y, sand, smooth(-pc(1), pc(2), y-ridge))
	}
}

func sea(s source) shader {
	horizon := s.between(-50, 20)
	sky := s.sky(horizon)
	deep, crest := s.either(0x0e3a55, 0x2f5a55), s.either(0x6fa3b5, 0xc9c0b0)
	sun, glitter, chop := s.between(-80, 80), s.between(0, 90), s.between(500, 1100)
	seed := s.seed()
	return func(x, y q) color {
		if y < horizon-margin {
			return sky(x, y)
		}
		side, far := ground(x, y-horizon)
		wave := clouds(mul(side, chop), mul(3*far, chop), 4, seed)
		water := blend(deep, crest, smooth(pc(30), pc(85), wave))
		away := x - sun
		glint := mul(glitter, max(one-mul(3*away, away), 0))
		water = water.plus(mul(glint, smooth(pc(52), pc(66), wave)))
		water = blend(water, crest, mul(pc(70), one-smooth(0, pc(15), y-horizon)))
		return sky.before(x, y, water, smooth(-pc(1), pc(1), y-horizon))
	}
}

// chain holds the common parameters of the mountain ranges in a scene.
type chain struct {
	haze, rock                      color
	horizon, snowLine, height, size q
	seed                            uint32
}

func mountains(s source) shader {
	c := chain{horizon: s.between(0, 50)}
	look := s.sky(c.horizon)
	c.haze, c.rock = s.either(0xb9c8d8, 0xd8c3b8), s.either(0x3c4450, 0x5a4a40)
	c.snowLine, c.height, c.size = s.between(20, 95), s.between(70, 140), s.between(60, 130)
	c.seed = s.seed()
	for layer := range q(3) {
		look = c.before(look, layer)
	}
	return look
}

// before places a mountain range in front of what is farther away. Layer 0 is the farthest.
func (c chain) before(behind shader, layer q) shader {
	return func(x, y q) color {
		peaks := clouds(mul(x, c.size)+layer*5*one, layer*one, 4, c.seed)
		ridge := c.horizon + layer*pc(28) - mul(c.height-layer*pc(25), peaks)
		if y < ridge-margin {
			return behind(x, y)
		}
		crag := clouds(4*x+mul(2*y, pc(70)), 3*y-2*x, 4, c.seed+uint32(layer))
		face := c.rock.times(pc(50) + crag)
		snow := smooth(0, pc(12), c.snowLine-mul(pc(80), one-crag)-(y-ridge)-layer*pc(30))
		face = blend(face, rgb(0xf2f5f8), snow)
		face = blend(c.haze, face, pc(45)+layer*pc(25))
		return behind.before(x, y, face, smooth(-pc(1), pc(1), y-ridge))
	}
}

func meadow(s source) shader {
	horizon := s.between(-110, -20)
	sky := s.sky(horizon)
	dark, bright := s.either(0x2f5a1e, 0x4a6b25), s.either(0x86b548, 0xb7bf5a)
	petals, heart := s.either(0xf7f2e0, 0xe05a8a), s.either(0xf4c63a, 0x7a3a1c)
	density, size, blades := s.between(15, 60), s.between(170, 320), s.between(1400, 2400)
	seed := s.seed()
	return func(x, y q) color {
		if y < horizon-margin {
			return sky(x, y)
		}
		side, far := ground(x, y-horizon)
		grass := mul(pc(55), noise(mul(blades, x)+2*y, 6*y, seed)) + mul(pc(60), clouds(3*side, 3*far, 3, seed+1))
		c := blend(dark, bright, min(grass, one))
		flower := cellAt(mul(2*side, size), mul(5*far, size), seed+2)
		if q(flower.id>>8&0xffff) < density {
			c = blend(petals, c, smooth(pc(24), pc(32), flower.nearest))
			c = blend(heart, c, smooth(pc(6), pc(12), flower.nearest))
		}
		return sky.before(x, y, c, smooth(-pc(2), pc(3), y-horizon))
	}
}

func forest(s source) shader {
	leaf, gap := s.either(0x24401a, 0x6e4a1c), s.either(0xa9c77a, 0xf0d890)
	bark, moss := s.either(0x4a3a2c, 0x6d625a), s.either(0x4f6b35, 0x8a8478)
	trunks, lean, light := s.between(90, 220), s.between(-15, 15), s.between(20, 80)
	leaves, floor := s.between(250, 500), s.between(40, 90)
	seed := s.seed()
	return func(x, y q) color {
		foliage := clouds(mul(leaves, x), mul(leaves, y), 4, seed)
		c := blend(leaf, gap, smooth(pc(42), pc(75), foliage-mul(pc(18), y)))
		c = blend(c, blend(bark, leaf, foliage), smooth(-pc(15), pc(15), y-floor))
		across := mul(trunks, x+mul(lean, y)) + mul(pc(25), noise(x, 2*y, seed+1))
		tree := hash(across>>16, 0, seed+2)
		off := across&(one-1) - one/4 - q(tree&0x7fff)
		half := pc(9) + q(tree>>16&0x1fff)
		around := div(off, half)
		skin := clouds(mul(9*one, x), mul(2*one, y), 3, seed+3)
		wood := blend(bark, moss, skin).times(max(pc(85)-mul(light, around), pc(25)))
		return blend(wood, c, smooth(half-pc(3), half+pc(3), abs(off)))
	}
}
