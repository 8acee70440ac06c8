package command

import (
	"testing"

	"anncapacity/lib/images"
)

func TestFirst(t *testing.T) {
	d := images.Generated(5, 1)
	for limit, want := range map[int]int{0: 5, 2: 2, 5: 5} {
		some, err := first(d, limit)
		if err != nil || some.Len() != want {
			t.Errorf("limit %d: %v, want %d images", limit, err, want)
		}
	}
	for _, limit := range []int{-1, 6} {
		if _, err := first(d, limit); err == nil {
			t.Errorf("no error for limit %d of 5 images", limit)
		}
	}
}
