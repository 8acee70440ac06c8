package pages

import (
	"testing"

	"anncapacity/lib/sharding"
)

// studiesShards runs condition 4 once on 510 points.
func studiesShards(t *testing.T, command string) {
	anncapacity(t, command, "--runs 3 --subset 1500", "--runs 1 --subset 510")
	if rows, err := sharding.Read("results"); err != nil || len(rows) == 0 {
		t.Errorf("%d rows (%v)", len(rows), err)
	}
}
