package partition

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/vec"
	"anncapacity/lib/storage/layout"
)

// trainer trains the centroids.
type trainer struct {
	Options
	*assigner
	train, base ann.Coordinates

	centroids  ann.Vectors
	assignment []int32 // of the training vectors
	trace      []float64
}

// iterate trains from the given centroids until nothing changes, but at most Iterations times.
func (t *trainer) iterate(ctx context.Context, centroids ann.Vectors) error {
	t.centroids, t.assignment = centroids, make([]int32, t.train.N)
	before := make([]int32, t.train.N)
	for i := range t.Iterations {
		copy(before, t.assignment)
		inertia, err := t.assign(ctx, t.train, t.centroids, t.assignment)
		if err != nil {
			return err
		}
		t.trace = append(t.trace, inertia)
		if refilled := t.refill(); i > 0 && !refilled && slices.Equal(before, t.assignment) {
			break
		}
		t.centroids = means(t.train, units(t.assignment, t.Clusters), t.centroids)
		t.report((i + 1) * t.train.N)
	}
	return nil
}

// work returns the number of vectors that are assigned in all.
func (t *trainer) work() int { return t.Iterations*t.train.N + t.base.N }

func (t *trainer) report(assigned int) {
	if t.Progress != nil {
		t.Progress(float64(assigned) / float64(t.work()))
	}
}

// refill moves to every empty cluster the vector that is farthest from its centroid, and reports whether it moved any. A vector
// that is alone in its cluster, that equals its centroid, or that equals a moved vector is not moved.
func (t *trainer) refill() bool {
	sizes := make([]int, t.Clusters)
	for _, cluster := range t.assignment {
		sizes[cluster]++
	}
	empty := slices.Index(sizes, 0)
	if empty < 0 {
		return false
	}
	row, moved := make([]float32, t.train.D), map[string]bool{}
	for _, id := range t.farthest() {
		key, from := keyOf(t.train.Row(int(id), row)), t.assignment[id]
		if sizes[from] < 2 || moved[key] {
			continue
		}
		moved[key] = true
		t.assignment[id] = int32(empty)
		sizes[from]--
		sizes[empty]++
		next := slices.Index(sizes[empty:], 0)
		if next < 0 {
			break
		}
		empty += next
	}
	return len(moved) > 0
}

// farthest returns the training vectors that differ from their centroid, the farthest first, ties by ID.
func (t *trainer) farthest() []int32 {
	distances := make([]float64, t.train.N)
	eachRow(t.train, func(i int, row []float32) { distances[i] = vec.SquaredL2(row, t.centroids.Row(int(t.assignment[i]))) })
	var ids []int32
	for id, distance := range distances {
		if distance > 0 {
			ids = append(ids, int32(id))
		}
	}
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Or(cmp.Compare(distances[b], distances[a]), cmp.Compare(a, b)) })
	return ids
}

// eachRow calls use with every vector of v, on all cores. The row is valid during the call.
func eachRow(v ann.Coordinates, use func(i int, row []float32)) {
	const chunk = 64
	parallel.For((v.N+chunk-1)/chunk, func(c int) {
		scratch := make([]float32, v.D)
		for i := c * chunk; i < min((c+1)*chunk, v.N); i++ {
			use(i, v.Row(i, scratch))
		}
	})
}

// means returns the mean of the vectors of every cluster. An empty cluster keeps its centroid.
func means(v ann.Coordinates, clusters layout.Layout, before ann.Vectors) ann.Vectors {
	after := ann.Vectors{N: before.N, D: before.D, Data: slices.Clone(before.Data)}
	parallel.For(before.N, func(c int) {
		ids := clusters.Unit(c)
		if len(ids) == 0 {
			return
		}
		sum, scratch := make([]float64, v.D), make([]float32, v.D)
		for _, id := range ids {
			vec.AddScaled(sum, v.Row(int(id), scratch), 1)
		}
		for j, s := range sum {
			after.Data[c*v.D+j] = float32(s / float64(len(ids)))
		}
	})
	return after
}

// keyOf returns a key that equal rows share.
func keyOf(row []float32) string {
	key := make([]byte, 0, 4*len(row))
	for _, x := range row {
		key = binary.LittleEndian.AppendUint32(key, math.Float32bits(x+0)) // −0 becomes 0
	}
	return string(key)
}
