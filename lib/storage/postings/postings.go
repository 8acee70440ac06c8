// Package postings stores the vectors of a layout in one file and reads units of it from the disk.
//
// The file begins with a header of one page. The units follow, each in whole pages, in the order of their numbers. If all units
// have the same number of pages, the position of a unit follows from its number and nothing is kept in memory for it. Otherwise
// an index follows the units: the number of vectors of every unit, from which its pages follow.
//
// A unit holds a checksum of 4 bytes, the IDs (4 bytes each), the vectors in the type of the base, and zeros up to the end of
// its last page. The number of slots for vectors is the largest that fits in its pages. Empty slots, always the last ones, have
// the ID −1. The number of vectors therefore takes no space, and a page of 4,096 bytes holds 31 vectors of 128 bytes: 4 + 31·132
// = 4,096.
//
// All numbers are little-endian. Checksums are CRC-32C. The checksum of a unit includes its number and the checksum of the
// header, so that a unit at the wrong place or of another file is detected.
package postings

import (
	"errors"
	"time"

	"anncapacity/lib/storage/layout"
)

// Errors that Open, Read and Create wrap.
var (
	ErrForeign = errors.New("not a postings file of this version")
	ErrDamaged = errors.New("damaged postings file")
	ErrChanged = errors.New("the file changed after it was opened")
)

const (
	pageBytes     = layout.PageBytes
	checksumBytes = 4
	idBytes       = 4
	noID          = -1 // ID of an empty slot
)

// PerPage returns the number of vectors that fit in one page, for vectors of d numbers of width bytes. It is 0 if a vector takes
// more than one page.
func PerPage(d, width int) int { return slots(1, d, width) }

// Pages returns the number of pages of a unit of count vectors, at least 1.
func Pages(count, d, width int) int {
	return max(1, (checksumBytes+count*(idBytes+d*width)+pageBytes-1)/pageBytes)
}

// slots returns the number of vectors that fit in a unit of the given pages.
func slots(pages, d, width int) int {
	return (pages*pageBytes - checksumBytes) / (idBytes + d*width)
}

// Cost is what reading has cost. Read adds to it.
type Cost struct {
	Units   int64 // units passed to visit
	Vectors int64 // vectors of these units, copies included
	Pages   int64 // pages read, of 4,096 bytes each
	Reads   int64 // reads; adjacent units are one read

	Read    time.Duration // time that the caller waited for reads
	Compute time.Duration // time in visit
}

// Bytes returns the bytes read.
func (c Cost) Bytes() int64 { return pageBytes * c.Pages }

// Add adds b to c.
func (c *Cost) Add(b Cost) {
	c.Units += b.Units
	c.Vectors += b.Vectors
	c.Pages += b.Pages
	c.Reads += b.Reads
	c.Read += b.Read
	c.Compute += b.Compute
}
