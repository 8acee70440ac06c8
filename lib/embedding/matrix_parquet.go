package embedding

import (
	"fmt"
	"io"
	"math"
	"sort"
)

// openParquet reads the footer. A list of numbers per row has as many values as the row has dimensions.
func (m *Matrix) openParquet(s source) (err error) {
	defer guardParquet(&err)
	f, leaf, err := openColumn(s)
	if err != nil {
		return err
	}
	var rows int64
	m.kind, m.column, m.groups = leaf.kind, leaf.String(), []int{0}
	for g := range f.NumRowGroups() {
		c, err := f.chunk(leaf, g)
		if err == nil && c.rows > 0 {
			err = m.setDim(c)
		}
		if err != nil {
			return fmt.Errorf("column %s, row group %d: %w", leaf, g, err)
		}
		if rows += c.rows; rows > math.MaxInt32 {
			return fmt.Errorf("announces %d rows or more: at most %d are read", rows, math.MaxInt32)
		}
		m.groups = append(m.groups, int(rows))
	}
	m.n = int(rows)
	return nil
}

// setDim compares the numbers of values and rows in the footer.
func (m *Matrix) setDim(c columnChunk) error {
	d := c.NumValues() / c.rows
	switch {
	case c.NumValues()%c.rows != 0 || d < 1 || d > maxDimension:
		return fmt.Errorf("%d values in %d rows: lists of one length, of 1 to %d numbers, are expected",
			c.NumValues(), c.rows, maxDimension)
	case m.d != 0 && int(d) != m.d:
		return fmt.Errorf("its rows have %d dimensions, the rows before it %d", d, m.d)
	}
	m.d = int(d)
	return nil
}

// listCursor decodes the row groups of a Parquet file one after another, each page after it was checked.
type listCursor struct {
	m     *Matrix
	file  parquetFile
	leaf  leafColumn
	gate  *pageGate
	group int // that is decoded next
	chunk *openChunk
	lists listRows
	first int // row of the first number in lists
}

// read reads rows from the given one on.
func (c *listCursor) read(r io.ReaderAt, row int, into []float32) (err error) {
	defer func() {
		if c.gate != nil && c.gate.err != nil { // the library describes it as damage
			err = c.gate.err
		}
	}()
	defer guardParquet(&err)
	if c.gate == nil {
		if err := c.open(r, row); err != nil {
			return err
		}
	}
	for {
		ended := c.lists.rows
		if c.lists.length > 0 {
			ended--
		}
		skip := min(row, ended) - c.first
		took := copy(into, c.lists.data[skip*c.m.d:(ended-c.first)*c.m.d])
		skip += took / c.m.d
		c.lists.data = c.lists.data[:copy(c.lists.data, c.lists.data[skip*c.m.d:])]
		c.first += skip
		row, into = row+took/c.m.d, into[took:]
		if len(into) == 0 {
			return nil
		}
		if err := c.more(); err != nil {
			return fmt.Errorf("column %s, row group %d: %w", c.leaf, c.group, err)
		}
	}
}

// open begins at the row group of the row.
func (c *listCursor) open(r io.ReaderAt, row int) (err error) {
	gate := &pageGate{r: r}
	c.gate = gate
	if c.file, c.leaf, err = openColumn(sourceOf(c.m.name, gate, c.m.size, c.m.member)); err != nil {
		return err
	}
	c.file.source = sourceOf(c.m.name, r, c.m.size, c.m.member) // for the checks of pages
	c.lists.present = c.file.MetaData().Schema.Column(c.leaf.index).MaxDefinitionLevel()
	c.begin(c.m.groupOf(row))
	return nil
}

// groupOf returns the row group that holds a row.
func (m *Matrix) groupOf(row int) int { return sort.SearchInts(m.groups, row+1) - 1 }

// to goes to the row group of a row, unless the row was decoded and not yet read, or is in the group that is decoded now.
func (c *listCursor) to(row int) {
	if c.gate == nil {
		return
	}
	g := c.m.groupOf(row)
	if row >= c.first && (g == c.group || g == c.group-1 && c.chunk == nil) {
		return
	}
	if c.chunk != nil {
		c.chunk.column.Close()
		c.chunk, c.gate.check = nil, nil
	}
	c.begin(g)
}

// begin makes a row group the next that is decoded.
func (c *listCursor) begin(g int) {
	c.group, c.first = g, c.m.groups[g]
	c.lists = listRows{numbers: numbers{data: c.lists.data[:0]}, present: c.lists.present, rows: c.first, d: c.m.d}
}

// more decodes a batch of values.
func (c *listCursor) more() error {
	if c.chunk == nil {
		chunk, err := c.file.chunk(c.leaf, c.group)
		if err == nil && chunk.rows == 0 {
			c.group++
			return nil
		}
		if err == nil {
			c.gate.check, err = chunk.begin()
			// The gate ends the chunk after the pages that were checked.
			group := c.file.MetaData().RowGroups[c.group]
			group.Columns[c.leaf.index].MetaData.TotalCompressedSize = c.file.dataEnd - chunk.start
		}
		if err != nil {
			return err
		}
		o, err := chunk.open(&c.lists)
		if err != nil {
			return err
		}
		c.chunk = &o
	}
	more, err := c.chunk.next()
	if err != nil || more {
		return err
	}
	err = c.chunk.end()
	c.chunk.column.Close()
	c.chunk, c.gate.check = nil, nil
	c.group++
	return err
}

// pageGate passes the bytes of a chunk on after the check of the pages that they belong to.
type pageGate struct {
	r     io.ReaderAt
	check *pageCheck // nil outside of chunks
	err   error      // the first error other than io.EOF
}

// ReadAt implements io.ReaderAt.
func (g *pageGate) ReadAt(p []byte, at int64) (n int, err error) {
	defer func() {
		if err != nil && err != io.EOF && g.err == nil {
			g.err = err
		}
	}()
	for g.check != nil && !g.check.done() && g.check.at < at+int64(len(p)) {
		if err := g.check.next(); err != nil {
			return 0, err
		}
		if g.check.delta {
			if err := g.checkAll(); err != nil {
				return 0, err
			}
		}
	}
	if g.check == nil || !g.check.done() || at+int64(len(p)) <= g.check.at {
		return g.r.ReadAt(p, at)
	}
	n, err = g.r.ReadAt(p[:max(0, g.check.at-at)], at)
	if err == nil {
		err = io.EOF
	}
	return n, err
}

// checkAll checks a chunk of delta encodings at once, because that check decodes the pages.
func (g *pageGate) checkAll() error {
	p := g.check
	g.check = nil
	err := p.checkPages()
	for err == nil && !p.done() {
		err = p.next()
	}
	p.delta = false
	g.check = p
	return err
}
