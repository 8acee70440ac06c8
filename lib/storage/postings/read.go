package postings

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
	"unsafe"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/walk"
)

const (
	windowBytes = 4 << 20   // units that are read ahead of visit, unless one unit is larger
	mergedBytes = 256 << 10 // the largest read of adjacent units; a larger unit is one read
)

// Read reads units, at most Depth at the same time, and calls visit for each, in the given order, on the goroutine of the caller.
// Adjacent units that are near each other in the list are one read. Read adds what it read to cost, which must not be nil, also if
// it returns an error. An error of visit ends the reading and is returned as it is.
//
// The file is checked before the first read and every unit after its read: Read returns an error that wraps ErrChanged or
// ErrDamaged and names the file and the unit if the file has changed since Open or a checksum is wrong.
func (f *File) Read(ctx context.Context, units []int32, cost *Cost, visit func(walk.Unit) error) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	began, computed := time.Now(), cost.Compute
	defer func() { cost.Read += time.Since(began) - (cost.Compute - computed) }()
	if err := f.checkUnits(units); err != nil {
		return fmt.Errorf("postings: %s: %w", f.path, err)
	}
	r := f.free.get(f)
	defer f.free.put(r)
	for len(units) > 0 {
		n, err := r.plan(units)
		if err == nil {
			err = r.window(ctx, cost, visit)
		}
		if err = r.drain(err); err != nil {
			return err
		}
		units = units[n:]
	}
	return nil
}

// checkUnits returns an error if the file is closed or was changed, or does not have one of the units.
func (f *File) checkUnits(units []int32) error {
	if f.closed {
		return os.ErrClosed
	}
	for _, u := range units {
		if u < 0 || int(u) >= f.Units {
			return fmt.Errorf("unit %d is out of range: there are %d units", u, f.Units)
		}
	}
	return f.checkIdentity()
}

// reader is the state of one call of Read.
type reader struct {
	f        *File
	engine   engine
	buffer   []byte
	pieces   []piece // in the order of the list of units
	sorted   []int32 // indexes of pieces in the order of the file
	runs     []run
	requests []request
	next     int // pieces[:next] are in runs that were started
	flying   int // reads in flight
}

// piece is a unit of the window.
type piece struct {
	unit         int32
	run          int32
	first, pages int // in the file, after the header
	at           int // in the buffer
}

// run is a read of adjacent pieces.
type run struct {
	first, pages int
	at           int
	started      bool
	ended        bool
}

// plan assigns the first units of a list to reads, as many as fit in a window, and returns their number.
func (r *reader) plan(units []int32) (n int, err error) {
	r.pieces, r.sorted, r.runs, r.next = r.pieces[:0], r.sorted[:0], r.runs[:0], 0
	total := 0
	for i, u := range units {
		first, pages := r.f.span(u)
		if i > 0 && (total+pages)*pageBytes > windowBytes {
			break
		}
		total += pages
		r.pieces = append(r.pieces, piece{unit: u, first: first, pages: pages})
		r.sorted = append(r.sorted, int32(i))
	}
	slices.SortFunc(r.sorted, func(a, b int32) int { return cmp.Compare(r.pieces[a].first, r.pieces[b].first) })
	at := 0
	for _, i := range r.sorted {
		at = r.assign(&r.pieces[i], at)
	}
	return len(r.pieces), r.grow(at)
}

// assign assigns a piece to the last run or, if it is not adjacent, to a new one, and returns the end of the buffer in use. Pieces
// arrive in the order of the file; a unit that was listed twice is read once.
func (r *reader) assign(p *piece, at int) int {
	if last := len(r.runs) - 1; last >= 0 {
		l := &r.runs[last]
		end := l.first + l.pages
		if p.first+p.pages == end { // again
			p.run, p.at = int32(last), at-p.pages*pageBytes
			return at
		}
		if p.first == end && (l.pages+p.pages)*pageBytes <= mergedBytes {
			l.pages += p.pages
			p.run, p.at = int32(last), at
			return at + p.pages*pageBytes
		}
	}
	r.runs = append(r.runs, run{first: p.first, pages: p.pages, at: at})
	p.run, p.at = int32(len(r.runs)-1), at
	return at + p.pages*pageBytes
}

// window reads the planned units and visits them.
func (r *reader) window(ctx context.Context, cost *Cost, visit func(walk.Unit) error) error {
	for i := range r.pieces {
		p := &r.pieces[i]
		if err := ctx.Err(); err != nil {
			return err
		}
		for !r.runs[p.run].ended {
			if err := r.top(cost); err != nil {
				return err
			}
			if err := r.await(); err != nil {
				return err
			}
		}
		u, err := r.unit(p)
		if err != nil {
			return fmt.Errorf("postings: %s: unit %d: %w", r.f.path, p.unit, err)
		}
		cost.Units++
		cost.Vectors += int64(len(u.IDs))
		began := time.Now()
		err = visit(u)
		cost.Compute += time.Since(began)
		if err != nil {
			return err
		}
	}
	return nil
}

// top starts reads until as many as permitted are in flight, in the order in which their units are visited.
func (r *reader) top(cost *Cost) error {
	r.requests = r.requests[:0]
	for ; r.next < len(r.pieces) && r.flying+len(r.requests) < r.f.depth; r.next++ {
		tag := r.pieces[r.next].run
		if l := &r.runs[tag]; !l.started {
			l.started = true
			into := r.buffer[l.at : l.at+l.pages*pageBytes]
			r.requests = append(r.requests, request{tag: int(tag), at: pageBytes * (1 + int64(l.first)), into: into})
		}
	}
	if len(r.requests) == 0 {
		return nil
	}
	started, err := r.engine.start(r.requests)
	r.flying += started
	for _, q := range r.requests[:started] {
		cost.Reads++
		cost.Pages += int64(len(q.into) / pageBytes)
	}
	if err != nil {
		return fmt.Errorf("postings: %s: %w", r.f.path, err)
	}
	return nil
}

// await waits for a read to end.
func (r *reader) await() error {
	tag, err := r.engine.wait()
	r.flying--
	l := &r.runs[tag]
	l.ended = true
	if err == io.ErrUnexpectedEOF {
		err = fmt.Errorf("%w: it became shorter", ErrChanged)
	}
	if err != nil {
		i := slices.IndexFunc(r.pieces, func(p piece) bool { return int(p.run) == tag })
		return fmt.Errorf("postings: %s: unit %d, %d pages: %w", r.f.path, r.pieces[i].unit, l.pages, err)
	}
	return nil
}

// drain waits for the reads in flight, after which the buffer can be used again, and returns err.
func (r *reader) drain(err error) error {
	for r.flying > 0 {
		if failed := r.await(); err == nil {
			err = failed
		}
	}
	return err
}

// unit checks a unit and returns views of it.
func (r *reader) unit(p *piece) (walk.Unit, error) {
	data := r.buffer[p.at : p.at+p.pages*pageBytes]
	stored := *(*uint32)(unsafe.Pointer(&data[0]))
	if sum := unitChecksum(data, r.f.salt, p.unit); sum != stored {
		return walk.Unit{}, fmt.Errorf("%w: the checksum is %08x, not %08x", ErrDamaged, sum, stored)
	}
	room := slots(p.pages, r.f.D, r.f.Width)
	ids := unsafe.Slice((*int32)(unsafe.Pointer(&data[checksumBytes])), room)
	for len(ids) > 0 && ids[len(ids)-1] == noID {
		ids = ids[:len(ids)-1]
	}
	u := walk.Unit{Number: p.unit, IDs: ids, Vectors: ann.Coordinates{N: len(ids), D: r.f.D}}
	begin := checksumBytes + room*idBytes
	vectors := data[begin : begin+len(ids)*r.f.D*r.f.Width]
	if r.f.Width == 1 {
		u.Vectors.Bytes = vectors
	} else {
		u.Vectors.Floats = unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(vectors))), len(ids)*r.f.D)
	}
	return u, nil
}
