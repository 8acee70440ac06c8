package embedding

import (
	"testing"

	"anncapacity/lib/images"
)

func TestRowsDescribeTheirImages(t *testing.T) {
	d := images.Generated(20, 1)
	rows := Rows(images.Subset(d, []int32{7, 3}))
	for i, original := range []int{7, 3} {
		if want := (Row{Image: d.ID(original), Class: d.Class(original)}); rows[i] != want || want.Class == "" {
			t.Errorf("row %d is %+v, want %+v", i, rows[i], want)
		}
	}
	if len(rows) != 2 {
		t.Errorf("%d rows of 2 images", len(rows))
	}
}
