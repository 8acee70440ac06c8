package exact

import (
	"cmp"
	"context"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
)

// wholes are short vectors of integers times a power of two.
type wholes struct {
	n, d  int
	rows  []int64
	scale float64
	v     ann.Vectors
}

// wholesOf makes 3 to 40 vectors from the bytes of a fuzzer. In one case of five the numbers are so large that float32
// cannot hold the sums of their squares exactly. ok is false if there are too few bytes.
func wholesOf(head, data []byte) (w wholes, ok bool) {
	if len(head) != 3 {
		return w, false
	}
	w.d = 1 + int(head[0]%6)
	times := []int64{1, 1, 1, 3, 1021}[head[1]%5]
	w.scale = math.Ldexp(1, []int{0, 0, -2, 70, -140}[head[2]%5])
	w.n = min(40, len(data)/w.d)
	if w.n < 3 {
		return w, false
	}
	w.v = ann.Vectors{N: w.n, D: w.d}
	for _, b := range data[:w.n*w.d] {
		x := int64(int8(b)) * times
		w.rows = append(w.rows, x)
		w.v.Data = append(w.v.Data, float32(float64(x)*w.scale))
	}
	return w, true
}

// sums returns ⟨a, b⟩, ‖a‖² and ‖b‖² of two rows.
func (w wholes) sums(i, j int) (ab, aa, bb int64) {
	for c := range w.d {
		a, b := w.rows[i*w.d+c], w.rows[j*w.d+c]
		ab, aa, bb = ab+a*b, aa+a*a, bb+b*b
	}
	return ab, aa, bb
}

// cos2 returns cos·|cos| as a fraction.
func (w wholes) cos2(i, j int) *big.Rat {
	ab, aa, bb := w.sums(i, j)
	top := new(big.Int).Mul(big.NewInt(ab), new(big.Int).Abs(big.NewInt(ab)))
	return new(big.Rat).SetFrac(top, new(big.Int).Mul(big.NewInt(aa), big.NewInt(bb)))
}

// nearer compares the distances of rows i and j from row q.
func (w wholes) nearer(q, i, j int, metric ann.Metric) int {
	ai, qq, ii := w.sums(q, i)
	aj, _, jj := w.sums(q, j)
	switch metric {
	case ann.InnerProduct:
		return cmp.Compare(aj, ai)
	case ann.Cosine:
		return w.cos2(q, j).Cmp(w.cos2(q, i))
	}
	return cmp.Compare(qq+ii-2*ai, qq+jj-2*aj)
}

func (w wholes) distance(q, i int, metric ann.Metric) float64 {
	ab, aa, bb := w.sums(q, i)
	switch metric {
	case ann.InnerProduct:
		return -float64(ab) * w.scale * w.scale
	case ann.Cosine:
		cos2, _ := w.cos2(q, i).Float64()
		if cos2 < 0 {
			return 1 + math.Sqrt(-cos2)
		}
		sin2, _ := new(big.Rat).Sub(big.NewRat(1, 1), w.cos2(q, i)).Float64()
		return sin2 / (1 + math.Sqrt(cos2))
	}
	return math.Sqrt(float64(aa+bb-2*ab)) * w.scale
}

// FuzzWholeNumbers checks that every method to search vectors of integers returns the lists of integer arithmetic, ties
// by ID.
func FuzzWholeNumbers(f *testing.F) {
	for _, metric := range []byte{0, 5, 10} {
		f.Add([]byte{1, metric, 0}, []byte(strings.Repeat("\x00\x01\x02\x01", 20)))
		f.Add([]byte{2, metric + 4, 0}, []byte(strings.Repeat("\x7f\x80\x7e\x81\x10", 24)))
		f.Add([]byte{3, metric + 3, 3}, []byte(strings.Repeat("\x01\x02\x03\x04\x02\x04\x06\x08\xff\xfe\xfd\xfc", 9)))
		f.Add([]byte{0, metric + 4, 4}, []byte(strings.Repeat("\x05\x0a\x0f\x14\xfb", 8)))
		f.Add([]byte{5, metric + 1, 2}, []byte("numbers from letters, which are between 32 and 122, so that all of them are positive."))
	}
	f.Fuzz(func(t *testing.T, head, data []byte) {
		w, ok := wholesOf(head, data)
		if !ok {
			return
		}
		if metric := ann.Metrics[int(head[1]/5)%3]; metric.Check(w.v) == nil {
			w.check(t, metric)
		}
	})
}

func (w wholes) check(t *testing.T, metric ann.Metric) {
	x, err := NewMetric(w.v, metric)
	if err != nil {
		t.Fatal(err)
	}
	k := min(7, w.n-1)
	ctx := context.Background()
	all, err := x.pairwise(ctx, k)
	w.compare(t, "pairs", metric, all, err, ownID)
	x.MaxMemory = x.streamed(w.n, k, blockRows)
	streamed, err := x.stream(ctx, &x.points, k, ownID)
	w.compare(t, "stream", metric, streamed, err, ownID)
	batch, err := x.SearchBatch(ctx, w.v, k)
	w.compare(t, "batch", metric, batch, err, noSelf)
	one := make([]ann.Neighbors, w.n)
	for q := range w.n {
		if one[q], err = x.Search(ann.Point(w.v, int32(q)), k); err != nil {
			break
		}
	}
	w.compare(t, "one", metric, one, err, ownID)
	if metric == ann.Euclidean {
		m, err := AllPairs(ctx, w.v)
		if err != nil {
			t.Fatal(err)
		}
		matrix, err := m.Neighbors(k)
		w.compare(t, "matrix", metric, matrix, err, ownID)
	}
}

// compare also requires an error if float32 cannot represent a distance, and only then.
func (w wholes) compare(t *testing.T, way string, metric ann.Metric, got []ann.Neighbors, failed error, self func(int32) int32) {
	t.Helper()
	held := true
	for q := range w.n {
		want := slices.DeleteFunc(inOrder(w.n), func(id int32) bool { return id == self(int32(q)) })
		slices.SortStableFunc(want, func(i, j int32) int { return w.nearer(q, int(i), int(j), metric) })
		for place := range min(7, w.n-1) {
			distance := w.distance(q, int(want[place]), metric)
			if size := math.Abs(distance); size > math.MaxFloat32 || size > 0 && size < leastNormal && metric == ann.InnerProduct {
				held = false
			}
			if failed != nil {
				continue
			}
			n := got[q][place]
			if n.ID != want[place] || math.Abs(float64(n.Distance)-distance) > 2e-7*math.Abs(distance)+1e-45 {
				t.Fatalf("%s, %v: query %d, place %d: %+v, must be %d at %v, of %v", way, metric, q, place, n, want[place], distance, w.v)
			}
		}
	}
	if held != (failed == nil) {
		t.Fatalf("%s, %v: float32 holds all distances: %v, the error is %v, of %v", way, metric, held, failed, w.v)
	}
}
