package storage

import (
	"math"
	"reflect"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// The sets hold different rows, all of them if the sizes say so, in an order that the seed determines.
func TestDivide(t *testing.T) {
	for _, c := range []ann.Coordinates{{N: 50, D: 2, Bytes: make([]uint8, 100)}, {N: 50, D: 2, Floats: make([]float32, 100)}} {
		for i := range 100 {
			if c.Bytes != nil {
				c.Bytes[i] = uint8(i)
			} else {
				c.Floats[i] = float32(i)
			}
		}
		base, learn, queries, err := Divide(c, Sizes{30, 15, 5}, 3)
		if err != nil || base.N != 30 || learn.N != 15 || queries.N != 5 || base.Width() != c.Width() {
			t.Fatalf("%d, %d, %d vectors of width %d, %v", base.N, learn.N, queries.N, base.Width(), err)
		}
		seen, row := map[float32]bool{}, make([]float32, 2)
		ascending := true
		for _, set := range []ann.Coordinates{base, learn, queries} {
			for i := range set.N {
				x := set.Row(i, row)
				seen[x[0]] = true
				ascending = ascending && x[0] == float32(2*(len(seen)-1))
				if x[1] != x[0]+1 {
					t.Errorf("row %v", x)
				}
			}
		}
		if len(seen) != 50 || ascending {
			t.Errorf("%d rows, in the order of the file: %t", len(seen), ascending)
		}
		again, _, _, _ := Divide(c, Sizes{30, 15, 5}, 3)
		other, _, _, _ := Divide(c, Sizes{30, 15, 5}, 4)
		if !reflect.DeepEqual(again, base) || reflect.DeepEqual(other, base) {
			t.Error("the seed does not determine the sets")
		}
	}
}

func TestDivideErrors(t *testing.T) {
	c := ann.Coordinates{N: 10, D: 1, Bytes: make([]uint8, 10)}
	for word, n := range map[string]Sizes{"at least 1": {5, 0, 5}, "too few": {5, 4, 2}, "too few for": {math.MaxInt, math.MaxInt, 2}} {
		_, _, _, err := Divide(c, n, 1)
		testkit.WantMentions(t, word, err, word)
	}
}
