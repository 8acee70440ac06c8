package shard

import (
	"context"
	"fmt"

	"anncapacity/lib/embedding"
)

// stream is a Parquet file whose row groups are decoded one after another.
type stream struct {
	shard  int
	handle *handle
	cursor *embedding.Cursor // nil if no file is open
}

// Read reads the rows from, …, to−1 into a slice of (to−from)·Dim() numbers. It requests the bytes of these rows, in ranges of at
// most 8 MiB. From Parquet files it requests whole pages, and those before the rows in their row group unless the call before read
// earlier rows of the same row group. Its own memory is at most 24 MiB and one batch of a page. Data that are cut short, numbers
// that are not finite, and a shard that was changed since Open are errors that name the shard and the row. After an error the
// content of the slice is undefined.
func (s *Set) Read(ctx context.Context, from, to int, into []float32) error {
	if from < 0 || to < from || to > s.n || len(into) != (to-from)*s.dim {
		return fmt.Errorf("%s: rows %d to %d of %d are requested, into %d numbers of %d dimensions",
			s.location, from, to, s.n, len(into), s.dim)
	}
	for i := s.shardOf(from); from < to; i++ {
		one := &s.shards[i]
		rows := min(to, one.First+one.Rows) - from
		if rows <= 0 {
			continue // a shard without rows
		}
		read := s.readFlat
		if one.matrix.Format() == ".parquet" {
			read = s.readStream
		}
		if err := read(ctx, i, from-one.First, into[:rows*s.dim]); err != nil {
			return named(s.store.url(one.Name), err)
		}
		from, into = from+rows, into[rows*s.dim:]
	}
	return ctx.Err()
}

// readFlat reads rows of one shard, from the given one on.
func (s *Set) readFlat(ctx context.Context, i, row int, into []float32) error {
	h, err := s.store.open(ctx, s.shards[i].object)
	if err != nil {
		return err
	}
	defer h.close()
	if err := s.shards[i].matrix.From(h, row).Next(into); err != nil {
		return err
	}
	return h.unchanged(ctx)
}

// readStream continues the stream if it is that of the shard, and begins another otherwise.
func (s *Set) readStream(ctx context.Context, i, row int, into []float32) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.stream.cursor == nil || s.stream.shard != i {
		if err := s.begin(ctx, i, row); err != nil {
			return err
		}
	}
	s.stream.handle.ctx = ctx
	s.stream.cursor.To(row)
	err := s.stream.cursor.Next(into)
	if err == nil {
		err = s.stream.handle.unchanged(ctx)
	}
	if err != nil || s.stream.cursor.Row() == s.shards[i].Rows {
		s.end()
	}
	return err
}

func (s *Set) begin(ctx context.Context, i, row int) error {
	s.end()
	h, err := s.store.open(ctx, s.shards[i].object)
	if err != nil {
		return err
	}
	r := &ahead{r: h, size: h.object.size, block: 4 << 20, keep: 4}
	s.stream = stream{shard: i, handle: h, cursor: s.shards[i].matrix.From(r, row)}
	return nil
}

// end closes the stream.
func (s *Set) end() {
	if s.stream.cursor != nil {
		s.stream.handle.close()
	}
	s.stream = stream{}
}

// Close releases the connection to the store. The set cannot be read afterwards.
func (s *Set) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.end()
	return s.store.close()
}
