package layout

import (
	"slices"

	"github.com/viterin/vek/vek32"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
)

// placer finds places for the vectors that all pages of their wishes have rejected. Only few pages have an empty place, and these
// may be far. A vector therefore takes the place of another that is nearer to the page with the empty place, that vector takes the
// place of a third, and so on, as long as this makes the sum of the squared distances less.
type placer struct {
	*market
	base    ann.Coordinates
	means   ann.Vectors
	open    []int32 // pages with empty places
	keys    []uint64
	scratch [2][]float32
}

// mostSteps is the largest number of vectors that move for one that has no place.
const mostSteps = 16

func (p *placer) run() {
	for page, held := range p.pages {
		if len(held) < p.perPage {
			p.open = append(p.open, int32(page))
		}
	}
	for id := range p.base.N {
		if int(p.next[id]) == p.count {
			p.place(int32(id))
		}
	}
}

// place places the vector.
func (p *placer) place(id int32) {
	p.keys = distances(p.keys[:0], p.base.Row(int(id), p.scratch[0]), p.means, p.open)
	to := rank.ID(slices.Min(p.keys))
	for range mostSteps {
		page, at := p.exchange(id, to)
		if page < 0 {
			break
		}
		p.pages[page][at].id, id = id, p.pages[page][at].id
	}
	p.pages[to] = append(p.pages[to], member{id: id})
	if len(p.pages[to]) == p.perPage {
		p.open = slices.DeleteFunc(p.open, func(page int32) bool { return page == to })
	}
}

// exchange returns the page of the wishes of the vector, and the place there, whose vector should move to page to instead of the
// given vector. The page is −1 if none should.
func (p *placer) exchange(id, to int32) (page, at int32) {
	page = -1
	best := p.squared(id, to)
	first := int(id) * p.count
	for i, wish := range p.market.wishes.pages[first : first+p.count] {
		if wish == to {
			continue
		}
		in := p.market.wishes.squared[first+i]
		for j, held := range p.pages[wish] {
			x := p.base.Row(int(held.id), p.scratch[1])
			from, onto := vek32.Distance(x, p.means.Row(int(wish))), vek32.Distance(x, p.means.Row(int(to)))
			if sum := in + float32(onto*onto) - float32(from*from); sum < best {
				best, page, at = sum, wish, int32(j)
			}
		}
	}
	return page, at
}

// squared returns the squared distance between a vector and the mean of a page.
func (p *placer) squared(id, page int32) float32 {
	d := vek32.Distance(p.base.Row(int(id), p.scratch[0]), p.means.Row(int(page)))
	return d * d
}
