// Package rank packs a value and an ID into one number, a key: keys order by value first and, where values tie, by ID.
package rank

import "math"

// Key packs a value, which is not NaN, and an ID. Floats order as their bits do once those of negative ones are flipped.
func Key(value float32, id int32) uint64 {
	bits := math.Float32bits(value + 0) // −0 becomes 0
	return uint64(bits^(uint32(int32(bits)>>31)|1<<31))<<32 | uint64(uint32(id))
}

// ID is the key's ID.
func ID(key uint64) int32 { return int32(uint32(key)) }

// Value is the key's value.
func Value(key uint64) float32 {
	bits := uint32(key >> 32)
	return math.Float32frombits(bits ^ (uint32(int32(^bits)>>31) | 1<<31))
}

// Less says whether a has the smaller value.
func Less(a, b uint64) bool { return a>>32 < b>>32 }
