package figure

import (
	"bytes"
	"testing"

	"anncapacity/lib/ann"
)

// The histogram of three vectors of norm 5, 5 and 13 counts each once, in bins from 5 to 13.
func TestNorms(t *testing.T) {
	f, err := Norms(ann.Vectors{N: 3, D: 2, Data: []float32{3, 4, 0, 5, 5, 12}}, generated)
	if err != nil {
		t.Fatal(err)
	}
	files := saved(t, f)
	if !bytes.Contains(files["svg"], []byte("minimum 5.00, mean 7.67, maximum 13.00")) || !bytes.Contains(files["svg"], []byte("generated images, untrained network")) {
		t.Error("the title does not say what is drawn")
	}
	first, last := f.table[1], f.table[len(f.table)-1]
	if first[0] != "5" || first[2] != "2" || last[2] != "1" || len(f.table) != 1+normBins {
		t.Errorf("first bin %v, last bin %v", first, last)
	}
	if _, err := Norms(ann.Vectors{N: 2, D: 1, Data: []float32{0, 0}}, generated); err != nil {
		t.Errorf("equal norms: %v", err)
	}
}
