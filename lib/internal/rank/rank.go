// Package rank packs a value and an ID into a number, a key. Keys are ordered by value and, for equal values, by ID.
package rank

import "math"

// Key packs a value, which must not be NaN, and an ID. The bits of floats have the order of the floats once those of
// negative numbers are inverted.
func Key(value float32, id int32) uint64 {
	bits := math.Float32bits(value + 0) // −0 becomes 0
	return uint64(bits^(uint32(int32(bits)>>31)|1<<31))<<32 | uint64(uint32(id))
}

// ID returns the ID of a key.
func ID(key uint64) int32 { return int32(uint32(key)) }

// Value returns the value of a key.
func Value(key uint64) float32 {
	bits := uint32(key >> 32)
	return math.Float32frombits(bits ^ (uint32(int32(^bits)>>31) | 1<<31))
}

// Less reports whether a has a smaller value than b.
func Less(a, b uint64) bool { return a>>32 < b>>32 }
