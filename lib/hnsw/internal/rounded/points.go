package rounded

import (
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/internal/parallel"
)

// lane is the number of points of a panel: 16 pairs of int16 fill a register of 512 bits.
const lane = 16

// maxNorm is the maximum length of a rounded vector. A squared distance is at most (2·maxNorm)², which is less than 2³¹.
// Intermediate sums may wrap around, but the final sum is correct.
const maxNorm = 23000

// points holds rounded vectors in panels of lane points, padded with zeros to a multiple of tileColumns points. A panel
// holds the first two coordinates of each of its points, then the next two, and so on.
type points struct {
	pairs int // pairs of coordinates, ⌈d/2⌉
	data  []int16
	norm  []int32 // ‖x‖²; zero for the inner product
	block memory.Block[int16]
}

// at returns the data from the first two coordinates of a point on. Each following pair is 2·lane entries further.
func (p *points) at(point int) []int16 {
	return p.data[point/lane*p.pairs*2*lane+2*(point%lane):]
}

// round rounds vectors to a grid on which the largest distance from their mean is about maxNorm units. For the inner
// product the origin takes the place of the mean. round returns nil if the largest distance is zero or not finite.
func round(v ann.Vectors, metric ann.Metric) *points {
	mean := make([]float64, v.D)
	if metric != ann.InnerProduct {
		mean = meanOf(v)
	}
	longest := longestFrom(v, mean)
	if !(longest > 0) || math.IsInf(longest, 0) {
		return nil
	}
	p := newPoints(v.N, v.D)
	scale := (maxNorm - float64(math.Sqrt(float64(v.D))/2)) / longest // rounding adds at most √d/2
	parallel.For((v.N+lane-1)/lane, func(panel int) {
		for i := panel * lane; i < min((panel+1)*lane, v.N); i++ {
			norm := p.set(i, v.Row(i), mean, scale)
			if metric != ann.InnerProduct {
				p.norm[i] = norm
			}
		}
	})
	return p
}

func newPoints(n, d int) *points {
	padded := (n + tileColumns - 1) / tileColumns * tileColumns
	p := &points{pairs: (d + 1) / 2, norm: make([]int32, padded)}
	p.block = memory.Allocate[int16](padded * p.pairs * 2)
	p.data = p.block.Data
	return p
}

// set stores a rounded vector and returns its squared length.
func (p *points) set(point int, vector []float32, mean []float64, scale float64) (norm int32) {
	at := p.at(point)
	for j, x := range vector {
		q := int16(math.RoundToEven((float64(x) - mean[j]) * scale))
		at[j/2*2*lane+j%2] = q
		norm += int32(q) * int32(q)
	}
	return norm
}

func meanOf(v ann.Vectors) []float64 {
	mean := make([]float64, v.D)
	for i := range v.N {
		for j, x := range v.Row(i) {
			mean[j] += float64(x)
		}
	}
	for j := range mean {
		mean[j] /= float64(v.N)
	}
	return mean
}

// longestFrom returns the largest distance of a vector from a point, or NaN if any distance is NaN.
func longestFrom(v ann.Vectors, from []float64) float64 {
	length := make([]float64, v.N)
	parallel.For(v.N, func(i int) {
		sum := 0.
		for j, x := range v.Row(i) {
			d := float64(x) - from[j]
			sum += float64(d * d)
		}
		length[i] = math.Sqrt(sum)
	})
	longest := 0.
	for _, l := range length {
		longest = max(longest, l)
	}
	return longest
}
