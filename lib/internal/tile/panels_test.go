package tile

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Products of vectors that are rounded to words differ from the true ones by at most WordError, for vectors of one coordinate, of equal
// coordinates, of which half a unit is lost each, and of random ones.
func TestWordError(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	worst := 0.
	for round := range 2000 {
		d := 1 + rng.IntN(300)
		p := &Panels{width: 3, d: d, words: true}
		p.Resize(2)
		x := [][]float32{wordVector(rng, d, round%3), wordVector(rng, d, round/3%3)}
		for at := range x {
			p.Put(at, x[at], length(x[at]))
		}
		product, given := 0., 0.
		for j := range p.steps() {
			a, b := p.pairs[j*3], p.pairs[j*3+1]
			product += float64(int16(a))*float64(int16(b)) + float64(a>>16)*float64(b>>16)
		}
		product *= float64(p.units[0]) * float64(p.units[1])
		for j := range d {
			given += float64(x[0][j]) * float64(x[1][j])
		}
		worst = max(worst, math.Abs(product-given)/(length(x[0])*length(x[1]))/WordError(d))
	}
	if worst > 1 || worst < .05 {
		t.Errorf("the largest error is %.2f of the bound, want at most 1 and not much less", worst)
	}
}

func length(x []float32) float64 {
	sum := 0.
	for _, y := range x {
		sum += float64(float64(y) * float64(y))
	}
	return math.Sqrt(sum)
}

func wordVector(rng *rand.Rand, d, kind int) []float32 {
	x := make([]float32, d)
	length := math.Ldexp(1, rng.IntN(60)-40)
	for j := range x {
		switch kind {
		case 0:
			x[j] = float32(length * rng.NormFloat64())
		case 1:
			x[j] = float32(length)
		}
	}
	x[rng.IntN(d)] = float32(length)
	return x
}

// Compare gives the values of every pair of panels: exact for whole numbers, and NaN for no limit, with every kernel.
func TestCompare(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	for _, k := range Kernels() {
		for _, d := range []int{1, 2, 7, 128, 129, 300} {
			rows, columns := k.NewRows(d), k.NewColumns(d)
			x, y := fillWhole(rng, rows, 2*k.Rows+1, d), fillWhole(rng, columns, k.Columns+2, d)
			limits, got := make([]float32, k.Rows), Tile{}
			for r := range rows.Len() {
				for c := range columns.Len() {
					k.Compare(&got, rows, r, columns, c, limits)
					for i, value := range got.Values[:k.Rows*k.Columns] {
						a, b := r*k.Rows+i/k.Columns, c*k.Columns+i%k.Columns
						want := rows.Norms[a] + columns.Norms[b]
						for j := range d {
							want += x[a][j] * y[b][j]
						}
						if near := got.AtMost[i/k.Columns]>>(i%k.Columns)&1 == 1; value != want || near != (want <= 0) {
							t.Fatalf("%d × %d, words %v, d %d: value of %d and %d: %v, near %v; want %v", k.Rows, k.Columns, k.Words, d, a, b, value, near, want)
						}
					}
				}
			}
		}
	}
}

// fillWhole sets n vectors of whole numbers, and zero vectors that complete the last panel.
func fillWhole(rng *rand.Rand, p *Panels, n, d int) [][]float32 {
	p.Resize(n)
	all := make([][]float32, len(p.Norms))
	for at := range all {
		all[at] = make([]float32, d)
		for j := range all[at] {
			if at < n {
				all[at][j] = float32(rng.IntN(41) - 20)
			}
		}
		p.Norms[at] = float32(rng.IntN(100))
		p.PutSteps(at, all[at], 1)
	}
	return all
}
