package layout

import (
	"context"
	"slices"

	"github.com/viterin/vek/vek32"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
)

// directory finds pages whose means are near a vector. The pages are in lists, the clusters of a k-means of their means.
type directory struct {
	count   int // of pages that are found for a vector
	means   ann.Vectors
	centres ann.Vectors
	lists   [][]int32 // pages, by centre
}

// Parameters of a directory.
const (
	listPages      = 64 // mean number of pages in a list
	listIterations = 4
)

// newDirectory returns a directory of the pages with the given means.
func newDirectory(ctx context.Context, means ann.Vectors) (directory, error) {
	d := directory{count: min(nearPages, means.N), means: means, lists: make([][]int32, (means.N+listPages-1)/listPages)}
	for p := range means.N {
		list := p / listPages
		d.lists[list] = append(d.lists[list], int32(p))
	}
	nearest := make([]int32, means.N)
	for range listIterations {
		var err error
		if d.centres, err = meansOf(ctx, means.Coordinates(), d.lists); err != nil {
			return d, err
		}
		err = eachChunk(ctx, means.N, 0, func(from, to int, _ []float32) {
			var keys []uint64
			for p := from; p < to; p++ {
				keys = distances(keys[:0], means.Row(p), d.centres, nil)
				nearest[p] = rank.ID(slices.Min(keys))
			}
		})
		if err != nil {
			return d, err
		}
		d.fill(nearest)
	}
	return d, nil
}

// fill fills the lists with the pages of each centre, and leaves out lists without pages.
func (d *directory) fill(nearest []int32) {
	for list := range d.lists {
		d.lists[list] = d.lists[list][:0]
	}
	for p, list := range nearest {
		d.lists[list] = append(d.lists[list], int32(p))
	}
	kept := d.centres.Data[:0]
	for list, pages := range d.lists {
		if len(pages) > 0 {
			kept = append(kept, d.centres.Row(list)...)
		}
	}
	d.centres = ann.Vectors{N: len(kept) / d.centres.D, D: d.centres.D, Data: kept}
	d.lists = slices.DeleteFunc(d.lists, func(pages []int32) bool { return len(pages) == 0 })
}

// wishes returns the wishes of all vectors.
func (d *directory) wishes(ctx context.Context, base ann.Coordinates, pages [][]int32) (wishes, error) {
	w := wishes{count: d.count, pages: make([]int32, base.N*d.count), squared: make([]float32, base.N*d.count)}
	err := eachChunk(ctx, len(pages), base.D, func(from, to int, scratch []float32) {
		var keys [2][]uint64
		for p := from; p < to; p++ {
			for _, id := range pages[p] {
				for i, key := range d.nearest(base.Row(int(id), scratch), &keys) {
					at := int(id)*w.count + i
					w.pages[at], w.squared[at] = rank.ID(key), rank.Value(key)*rank.Value(key)
				}
			}
		}
	})
	return w, err
}

// nearest returns the keys of the near pages of x, ascending. It uses the memory of keys.
func (d *directory) nearest(x []float32, keys *[2][]uint64) []uint64 {
	lists := distances(keys[0][:0], x, d.centres, nil)
	rank.Smallest(lists, nearestLists)
	slices.Sort(lists[:min(nearestLists, len(lists))])
	found := keys[1][:0]
	for i, key := range lists {
		if i >= nearestLists && len(found) >= d.count {
			break
		}
		found = distances(found, x, d.means, d.lists[rank.ID(key)])
	}
	keys[0], keys[1] = lists, found
	rank.Smallest(found, d.count)
	found = found[:d.count]
	slices.Sort(found)
	return found
}

// distances appends keys of the distance between x and the given rows of v, or all if rows is nil.
func distances(keys []uint64, x []float32, v ann.Vectors, rows []int32) []uint64 {
	if rows == nil {
		for i := range v.N {
			keys = append(keys, rank.Key(vek32.Distance(x, v.Row(i)), int32(i)))
		}
	}
	for _, i := range rows {
		keys = append(keys, rank.Key(vek32.Distance(x, v.Row(int(i))), i))
	}
	return keys
}
