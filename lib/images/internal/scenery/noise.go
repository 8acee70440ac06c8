package scenery

// hash returns a hash of a lattice point and a seed.
func hash(x, y q, seed uint32) uint32 {
	h := uint32(x)*0x8da6b343 ^ uint32(y)*0xd8163841 ^ seed
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	return h ^ h>>15
}

// noise returns smooth value noise in 0…1 with features of size 1.
func noise(x, y q, seed uint32) q {
	ix, iy := x>>16, y>>16
	fx, fy := x&(one-1), y&(one-1)
	fx, fy = mul(mul(fx, fx), 3*one-2*fx), mul(mul(fy, fy), 3*one-2*fy)
	upper := lerp(q(hash(ix, iy, seed)>>16), q(hash(ix+1, iy, seed)>>16), fx)
	lower := lerp(q(hash(ix, iy+1, seed)>>16), q(hash(ix+1, iy+1, seed)>>16), fx)
	return lerp(upper, lower, fy)
}

// clouds returns a sum of octaves of noise in 0…1. Each octave has half the feature size and half the amplitude of the
// previous one.
func clouds(x, y q, octaves int, seed uint32) q {
	sum, height, total := q(0), one/2, q(0)
	for range octaves {
		sum += mul(height, noise(x, y, seed))
		total += height
		x, y, height, seed = 2*x+one/3, 2*y+one/5, height/2, seed+0x9e3779b9
	}
	return div(sum, total)
}

// cell describes a point in a mosaic of irregular cells of size 1 (Worley 1996).
type cell struct {
	nearest, second q // distances to the two nearest centres
	x, y            q // offset from the nearest centre
	id              uint32
}

func cellAt(x, y q, seed uint32) cell {
	ix, iy := x>>16, y>>16
	best, next := q(1<<40), q(1<<40)
	var found cell
	for dy := q(-1); dy <= 1; dy++ {
		for dx := q(-1); dx <= 1; dx++ {
			id := hash(ix+dx, iy+dy, seed)
			ox := x - (ix+dx)<<16 - q(id&0xffff)
			oy := y - (iy+dy)<<16 - q(id>>16)
			d := mul(ox, ox) + mul(oy, oy)
			switch {
			case d < best:
				best, next = d, best
				found = cell{x: ox, y: oy, id: id}
			case d < next:
				next = d
			}
		}
	}
	found.nearest, found.second = sqrt(best), sqrt(next)
	return found
}
