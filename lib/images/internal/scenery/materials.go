package scenery

// ball is a shaded sphere.
type ball struct {
	x, y, radius q
	skin         color
	seed         uint32
}

func fruit(s source) shader {
	wood, grain := s.either(0x8a5a34, 0xc79a66), s.either(0x5a3a22, 0xa0703f)
	wall, edge := s.either(0x5d6b70, 0xc9b9a3), s.between(-70, -10)
	sunX, sunY := s.between(-60, 60), s.between(-80, -40)
	balls := make([]ball, 2+s.Uint64()%5)
	ripe, unripe := s.either(0xc4261d, 0xe8861e), s.either(0xd9b32b, 0x86a52c)
	for i := range balls {
		balls[i] = ball{
			x: s.between(-85, 85), y: s.between(-25, 60), radius: s.between(22, 45),
			skin: blend(ripe, unripe, s.between(0, 100)), seed: s.seed(),
		}
	}
	seed := s.seed()
	return func(x, y q) color {
		plank := clouds(2*x, 14*y, 4, seed)
		c := blend(wall.times(pc(80)+clouds(x, y, 3, seed+1)/3), blend(wood, grain, plank), smooth(-pc(5), pc(5), y-edge))
		for _, b := range balls {
			c = b.shade(b.shadow(c, x, y, sunX), x, y, sunX, sunY)
		}
		return c
	}
}

// shadow darkens the area under the ball, on the side away from the light.
func (b ball) shadow(c color, x, y, sunX q) color {
	dx, dy := x-b.x+mul(sunX, b.radius), 2*(y-b.y-mul(pc(75), b.radius))
	squared := mul(dx, dx) + mul(dy, dy)
	if squared > mul(2*b.radius, b.radius) {
		return c
	}
	return c.times(lerp(pc(45), one, smooth(pc(60), pc(140), div(sqrt(squared), b.radius))))
}

// shade draws the ball over c: diffuse light, a highlight, and speckles on the skin.
func (b ball) shade(c color, x, y, sunX, sunY q) color {
	if reach := b.radius + b.radius/16; abs(x-b.x) > reach || abs(y-b.y) > reach {
		return c
	}
	nx, ny := div(x-b.x, b.radius), div(y-b.y, b.radius)
	distance := mul(nx, nx) + mul(ny, ny)
	if distance > one+pc(10) {
		return c
	}
	nz := sqrt(one - min(distance, one))
	light := max(mul(nx, sunX)+mul(ny, sunY)+mul(nz, pc(70)), 0)
	speckle := clouds(12*x, 12*y, 2, b.seed)
	skin := b.skin.times(pc(28) + mul(light, pc(70)+speckle/2))
	shine := smooth(pc(85), pc(105), light)
	return blend(skin.plus(shine/2), c, smooth(pc(92), pc(104), distance))
}

func pebbles(s source) shader {
	cool, warm := s.either(0x7d8588, 0xa9aeb0), s.either(0x8a7460, 0xc2ab8c)
	size, warp := s.between(220, 520), s.between(10, 50)
	sunX, sunY, wet := s.between(-60, 60), s.between(-60, 60), s.between(0, 40)
	seed := s.seed()
	return func(x, y q) color {
		bend := clouds(2*x, 2*y, 2, seed)
		px, py := mul(size, x)+mul(warp, bend), mul(size, mul(y, pc(115)))+mul(warp, 2*bend)
		stone := cellAt(px, py, seed+1)
		tone := q(stone.id >> 16)
		c := blend(cool, warm, tone).times(pc(65) + q(stone.id&0xffff)/2)
		c = c.times(pc(80) + mul(pc(40), clouds(10*x, 10*y, 3, seed+2)))
		light := pc(85) + mul(stone.x, sunX) + mul(stone.y, sunY) - mul(wet, stone.nearest)
		rim := smooth(0, pc(28), stone.second-stone.nearest)
		return c.times(mul(max(light, pc(20)), pc(15)+mul(pc(85), rim)))
	}
}

func brickwork(s source) shader {
	clay, burnt := s.either(0xa8492f, 0xc77a52), s.either(0x6e2f24, 0x9a6a5a)
	mortar := s.either(0xb9b0a3, 0x7f7a74)
	rows, ratio, slant := s.between(280, 600), s.between(38, 55), s.between(-30, 30)
	sun, dirt := s.between(-25, 25), s.between(10, 45)
	seed := s.seed()
	return func(x, y q) color {
		v := mul(rows, y+mul(slant, x))
		row := v >> 16
		u := mul(mul(rows, ratio), x) + row%2*one/2
		fu, fv := u&(one-1), v&(one-1)
		inX := min(fu, one-fu)
		inY := min(fv, one-fv)
		tone := hash(u>>16, row, seed)
		rough := clouds(14*x, 14*y, 3, seed+1)
		brick := blend(clay, burnt, q(tone>>16)).times(pc(75) + mul(pc(50), rough))
		joint := mortar.times(pc(75) + rough/3)
		c := blend(joint, brick, mul(smooth(pc(2), pc(6), inX), smooth(pc(5), pc(12), inY)))
		stain := clouds(2*x, y, 3, seed+2)
		return c.times(one + mul(sun, x) - mul(dirt, stain))
	}
}

func cityNight(s source) shader {
	zenith, glow := s.either(0x07091a, 0x1a1533), s.either(0x5a3560, 0x2f4a78)
	wall, lamp := s.either(0x0f1118, 0x2a2526), s.either(0xffc76a, 0xe8f0ff)
	street, skyline, columns := s.between(45, 95), s.between(-40, 30), s.between(150, 320)
	windows, lit := s.between(700, 1200), s.between(20, 65)
	seed := s.seed()
	return func(x, y q) color {
		c := blend(glow, zenith, smooth(0, 2*one, skyline+pc(60)-y)).plus(mul(pc(12), clouds(x, 2*y, 3, seed)))
		for layer := range q(2) {
			across := mul(columns-layer*pc(60), x) + layer*one/2
			tower := hash(across>>16, layer, seed+1)
			roof := skyline + layer*pc(35) - q(tower>>16)*3/4
			wx, wy := mul(windows, x), mul(windows, y)
			pane := hash(wx>>16, wy>>16, seed+2+uint32(layer))
			frame := mul(smooth(0, pc(35), pc(50)-abs(wx&(one-1)-one/2)), smooth(0, pc(35), pc(50)-abs(wy&(one-1)-one/2)))
			face := wall.times(pc(60) + layer*pc(50) + q(tower&0xffff)/2)
			if q(pane&0xffff) < lit {
				face = blend(face, lamp, mul(frame, pc(40)+q(pane>>16)*6/10))
			}
			c = blend(c, face, smooth(-pc(1), pc(1), y-roof))
		}
		road := blend(wall, lamp, mul(pc(75), clouds(3*x, 12*y, 3, seed+5)))
		return blend(c, road, smooth(-pc(4), pc(6), y-street))
	}
}

func fur(s source) shader {
	coat, stripe := s.either(0xd98a3a, 0xefe8dc), s.either(0x1c1512, 0x4a3020)
	near, far := s.either(0x9a8a4a, 0x5f7a3a), s.either(0xcfc08a, 0x8fa05f)
	bands, bend, cover := s.between(220, 480), s.between(20, 70), s.between(-35, 25)
	width, height, turn := s.between(90, 160), s.between(60, 110), s.between(-10, 10)
	seed := s.seed()
	c0, s0 := cos(turn), sin(turn)
	return func(x, y q) color {
		u, v := mul(c0, x)-mul(s0, y), mul(s0, x)+mul(c0, y)
		hair := noise(30*u+8*v, 9*v, seed)
		warp := clouds(2*u, 2*v, 3, seed+1)
		band := sin(mul(bands, u+mul(2*bend, warp))/2 + mul(pc(15), hair))
		dark := smooth(cover-pc(25), cover+pc(25), band+mul(pc(60), noise(5*u, 3*v, seed+2))-pc(30))
		nx, ny := div(u, width), div(v, height)
		inside := mul(nx, nx) + mul(ny, ny) + mul(pc(20), hair-one/2)
		light := pc(105) - mul(pc(65), min(inside, one)) - mul(pc(20), v)
		body := blend(coat, stripe, dark).times(mul(light, pc(75)+hair/2))
		meadow := blend(near, far, clouds(2*x, 5*y, 3, seed+3))
		return blend(body, meadow, smooth(pc(90), pc(108), inside))
	}
}
