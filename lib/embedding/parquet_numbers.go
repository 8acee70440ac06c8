package embedding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/gomlx/compute/dtypes/float16"
)

// int32s returns a function that adds the values of an INT32 chunk, converted to the type in the schema.
func int32s(c columnChunk, m *listRows) func([]int32) error {
	switch c.column.kind {
	case "int8":
		return castNumbers[int32, int8](c, m)
	case "int16":
		return castNumbers[int32, int16](c, m)
	case "uint8":
		return castNumbers[int32, uint8](c, m)
	case "uint16":
		return castNumbers[int32, uint16](c, m)
	case "uint32":
		return castNumbers[int32, uint32](c, m)
	}
	return withinStatistics[int32](c, m)
}

func int64s(c columnChunk, m *listRows) func([]int64) error {
	if c.column.kind == "uint64" {
		return castNumbers[int64, uint64](c, m)
	}
	return withinStatistics[int64](c, m)
}

// castNumbers returns a function that adds values of the physical type P as values of the logical type T. A narrower T
// must represent them exactly; an unsigned T of the same width reinterprets their bits.
func castNumbers[P int32 | int64, T number](c columnChunk, m *listRows) func([]P) error {
	add := withinStatistics[T](c, m)
	narrow := unsafe.Sizeof(T(0)) < unsafe.Sizeof(P(0))
	converted := make([]T, valueBatch)
	return func(values []P) error {
		for i, x := range values {
			if converted[i] = T(x); narrow && P(converted[i]) != x {
				return fmt.Errorf("up to row %d: damaged: holds %d as %s", m.rows-1, x, c.column.kind)
			}
		}
		return add(converted[:len(values)])
	}
}

// withinStatistics returns a function that adds values and checks them against the minimum and maximum in the statistics
// of the chunk.
func withinStatistics[T number](c columnChunk, m *listRows) func([]T) error {
	least, greatest, known := statisticLimits[T](c)
	return func(values []T) error {
		appendNumbers(&m.numbers, values)
		if !known {
			return nil
		}
		for _, x := range values {
			if x < least || x > greatest {
				return fmt.Errorf("up to row %d: damaged: holds %v, beyond %v … %v that its statistics name", m.rows-1, x, least, greatest)
			}
		}
		return nil
	}
}

// statisticLimits returns the minimum and maximum in the statistics of a chunk. ok is false if they are missing or
// unusable.
func statisticLimits[T number](c columnChunk) (least, greatest T, ok bool) {
	statistics, err := c.Statistics()
	if err != nil || statistics == nil || !statistics.HasMinMax() {
		return 0, 0, false
	}
	switch s := statistics.(type) {
	case *metadata.Float32Statistics:
		least, greatest = T(s.Min()), T(s.Max())
	case *metadata.Float64Statistics:
		least, greatest = T(s.Min()), T(s.Max())
	case *metadata.Int32Statistics:
		least, greatest = T(s.Min()), T(s.Max())
	case *metadata.Int64Statistics:
		least, greatest = T(s.Min()), T(s.Max())
	}
	return least, greatest, least <= greatest // false for NaN
}

// addFloat16s adds numbers of two bytes.
func (m *listRows) addFloat16s(values []parquet.FixedLenByteArray) error {
	for _, x := range values {
		if len(x) != 2 {
			return errors.New("damaged: a float16 has two bytes")
		}
		m.data = append(m.data, float16.FromBits(binary.LittleEndian.Uint16(x)).Float32())
	}
	return nil
}
