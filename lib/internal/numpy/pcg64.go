package numpy

import "math/bits"

// pcg64 is NumPy's default bit generator, PCG64 (O'Neill 2014), a 128-bit linear congruential generator with output XSL-RR. It
// keeps the unused half of a 64-bit output for the next 32-bit draw.
type pcg64 struct {
	hi, lo       uint64 // state
	incHi, incLo uint64 // odd increment: the stream
	half         uint32 // unused high half of a 64-bit output
	hasHalf      bool
}

// newPCG64 returns the generator of numpy.random.default_rng(seed): PCG64 seeded with four words of SeedSequence(seed).
func newPCG64(seed uint64) *pcg64 {
	words := seedSequence(seed)
	g := &pcg64{
		incHi: words[2]<<1 | words[3]>>63,
		incLo: words[3]<<1 | 1,
	}
	g.step()
	var carry uint64
	g.lo, carry = bits.Add64(g.lo, words[1], 0)
	g.hi, _ = bits.Add64(g.hi, words[0], carry)
	g.step()
	return g
}

// step advances the state: state · multiplier + increment modulo 2^128.
func (g *pcg64) step() {
	const multiplierHi, multiplierLo = 2549297995355413924, 4865540595714422341
	hi, lo := bits.Mul64(g.lo, multiplierLo)
	hi += g.hi*multiplierLo + g.lo*multiplierHi
	var carry uint64
	g.lo, carry = bits.Add64(lo, g.incLo, 0)
	g.hi, _ = bits.Add64(hi, g.incHi, carry)
}

func (g *pcg64) uint64() uint64 {
	g.step()
	return bits.RotateLeft64(g.hi^g.lo, -int(g.hi>>58))
}

// uint32 returns the low half of a new 64-bit output and, at the next call, its high half.
func (g *pcg64) uint32() uint32 {
	if g.hasHalf {
		g.hasHalf = false
		return g.half
	}
	both := g.uint64()
	g.half, g.hasHalf = uint32(both>>32), true
	return uint32(both)
}

// upTo returns a uniform number from 0…limit, both inclusive, by Lemire's method (ACM TOMACS 29(1), 2019) as implemented in
// NumPy. If limit is 0, it draws nothing.
func (g *pcg64) upTo(limit uint32) uint32 {
	switch limit {
	case 0:
		return 0
	case 1<<32 - 1:
		return g.uint32()
	}
	n := limit + 1
	product := uint64(g.uint32()) * uint64(n)
	if uint32(product) < n {
		threshold := -n % n
		for uint32(product) < threshold {
			product = uint64(g.uint32()) * uint64(n)
		}
	}
	return uint32(product >> 32)
}

// seedSequence returns numpy.random.SeedSequence(seed).generate_state(4, uint64), after O'Neill's seed_seq_fe128.
func seedSequence(seed uint64) [4]uint64 {
	pool := mixEntropy([4]uint32{uint32(seed), uint32(seed >> 32)})
	hash := uint32(0x8b51f9dd)
	word := func(i int) uint64 {
		value := pool[i%4] ^ hash
		hash *= 0x58f38ded
		value *= hash
		return uint64(value ^ value>>16)
	}
	var words [4]uint64
	for i := range words {
		words[i] = word(2 * i)
		words[i] |= word(2*i+1) << 32
	}
	return words
}

// mixEntropy mixes the words of the pool, so that each depends on all others.
func mixEntropy(pool [4]uint32) [4]uint32 {
	hash := uint32(0x43b0d7e5)
	hashed := func(value uint32) uint32 {
		value ^= hash
		hash *= 0x931e8875
		value *= hash
		return value ^ value>>16
	}
	for i := range pool {
		pool[i] = hashed(pool[i])
	}
	for from := range pool {
		for to := range pool {
			if from == to {
				continue
			}
			mixed := 0xca01f9dd*pool[to] - 0x4973f715*hashed(pool[from])
			pool[to] = mixed ^ mixed>>16
		}
	}
	return pool
}
