package shard

import "io"

// ahead is a reader of ranges that reads at least block bytes at a time and keeps the last pieces. It is not safe for concurrent
// use.
type ahead struct {
	r     io.ReaderAt
	size  int64
	block int64
	keep  int // number of pieces
	held  []piece
}

// piece is a part of the content.
type piece struct {
	at   int64
	data []byte
}

// ReadAt implements io.ReaderAt.
func (a *ahead) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	for n < len(p) {
		if at+int64(n) >= a.size {
			return n, io.EOF
		}
		one, err := a.piece(at + int64(n))
		if err != nil {
			return n, err
		}
		n += copy(p[n:], one.data[at+int64(n)-one.at:])
	}
	return n, nil
}

// piece returns the piece that holds a byte. The pieces are ordered by their last use.
func (a *ahead) piece(at int64) (piece, error) {
	for i, one := range a.held {
		if at >= one.at && at < one.at+int64(len(one.data)) {
			copy(a.held[i:], a.held[i+1:])
			a.held[len(a.held)-1] = one
			return one, nil
		}
	}
	one := piece{at: at}
	if len(a.held) == a.keep {
		one.data = a.held[0].data[:0]
		a.held = append(a.held[:0], a.held[1:]...)
	}
	length := int(min(a.block, a.size-at))
	if cap(one.data) < length {
		one.data = make([]byte, length)
	}
	one.data = one.data[:length]
	if n, err := a.r.ReadAt(one.data, at); n < length {
		return piece{}, err
	}
	a.held = append(a.held, one)
	return one, nil
}
