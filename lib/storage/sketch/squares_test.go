package sketch

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The squared distances to decoded vectors do not depend on the instructions that compute them, for subspaces of every number of bits
// and codes that begin at any bit.
func TestSquaresAreThoseOfPlainGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for _, d := range []int{4, 8, 24, 28, 32, 40, 42, 64, 128, 128, 192, 256, 1 << 14} {
		for _, subspaces := range []int{1, 2, 3, 4, 7, 8, 15, 16, 32, 60} {
			if d < subspaces {
				continue
			}
			starts, bits, centroids := divided(d, subspaces), make([]int, subspaces), make([][]float32, subspaces)
			for m := range bits {
				bits[m] = rng.IntN(9)
				centroids[m] = make([]float32, (starts[m+1]-starts[m])<<bits[m])
				for i := range centroids[m] {
					centroids[m][i] = float32(rng.NormFloat64())
				}
			}
			q := newQuantizer(d, bits)
			q.set(centroids)
			const size = 31
			at := rng.IntN(20)
			packed := make([]byte, (at+size*q.Bits()+7)/8+padding+rng.IntN(2)*100) // the end or the middle of the codes
			query, word := make([]uint8, d), make([]uint8, d)
			for i := range packed {
				packed[i] = uint8(rng.IntN(256))
			}
			for j := range query {
				query[j] = uint8(255 * (rng.IntN(2) | j&1*rng.IntN(2)))
			}
			got, want := make([]uint32, size), make([]uint32, size)
			q.squaresOf(got, packed, at, query, word)
			q.plainSquares(want, packed, at, query, word)
			if !slices.Equal(got, want) {
				t.Fatalf("%d numbers, bits %v, from bit %d: %v, want %v", d, bits, at, got, want)
			}
		}
	}
}

// What a query differs by from the mean of a unit does not depend on the instructions, also where it is beyond the range.
func TestRestIsThatOfPlainGo(t *testing.T) {
	base, l := paged(t, 3000, 128, 31)
	s := sketched(t, base, l, 16)
	query := make([]float32, 128)
	for _, factor := range []float32{1, 1.5, 10} {
		far := 0
		for i := range 20 {
			for j, x := range base.Row(i, make([]float32, 128)) {
				query[j] = factor * x
			}
			var c, plain Scratch
			s.Start(query, &c)
			s.Start(query, &plain)
			for u := range s.Units() {
				got, want := s.rest(u, &c), s.plainRest(u, &plain)
				if got != want || !slices.Equal(c.bytes, plain.bytes) {
					t.Fatalf("unit %d: %v and %v, want %v and %v", u, got, c.bytes, want, plain.bytes)
				}
				if want > 0 {
					far++
				}
			}
		}
		if factor == 10 && far == 0 {
			t.Error("no number is beyond the range")
		}
	}
}

// The distances of 16 subspaces are those of the loop for any number, which adds the even and the odd ones in order.
func TestDistanceOf16Subspaces(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	codes, tables := make([]uint8, 16*100), make([]float32, 16*mostWords)
	for i := range codes {
		codes[i] = uint8(rng.IntN(256))
	}
	for i := range tables {
		tables[i] = rng.Float32() * float32(1+i%7)
	}
	q := newQuantizer(128, slices.Repeat([]int{8}, 16))
	for u := range 100 {
		var sums [2]float32
		for m := range 16 {
			sums[m%2] += tables[m*mostWords+int(codes[16*u+m])]
		}
		if got, want := q.distance(codes, u, tables), sums[0]+sums[1]; got != want {
			t.Fatalf("unit %d: %v, want %v", u, got, want)
		}
	}
}

func BenchmarkMemberDistances(b *testing.B) {
	base, l := paged(b, 40_000, 128, 31)
	for _, bytes := range []float64{8, 16} {
		s := sketched(b, base, l, bytes)
		all := make([]float32, 0, s.Slots())
		var scratch Scratch
		s.Start(base.Row(0, make([]float32, 128)), &scratch)
		b.Run(s.String(), func(b *testing.B) {
			for i := range b.N {
				all, _ = s.MemberDistances(i%s.Units(), all[:0], &scratch)
			}
		})
	}
}
