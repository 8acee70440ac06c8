package pages

import (
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// units are the factors of the words in the cost table of docs/scale.md.
var units = map[string]float64{
	"": 1, "MB": 1e6, "GB": 1e9, "TB": 1e12, "s": 1, "min": 60, "h": 3600, "years": 365.25 * 86400,
}

// quantity returns the value of a cell such as 2.6 · 10¹², 512 MB or 3,300 h.
func quantity(t *testing.T, cell string) float64 {
	t.Helper()
	digits := strings.NewReplacer(",", "", " · 10", "e", "⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4", "⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9")
	number, unit, _ := strings.Cut(digits.Replace(strings.TrimSpace(cell)), " ")
	value, err := strconv.ParseFloat(number, 64)
	if factor, known := units[unit]; known && err == nil {
		return value * factor
	}
	t.Fatalf("%q is no number with a unit", cell)
	return 0
}

// The cost table of docs/scale.md follows from its rates: 140 GFLOP/s for a core, 7 TFLOP/s for a GPU, 1 GB/s of reading.
func TestCostTable(t *testing.T) {
	rows := 0
	for line := range strings.Lines(read(t, filepath.Join(top, "docs", "scale.md"))) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "| "), " | ")
		if len(cells) != 9 || !strings.HasPrefix(cells[0], "10") {
			continue
		}
		rows++
		exponent, dimension, _ := strings.Cut(strings.TrimPrefix(cells[0], "10"), " × ")
		n, d := quantity(t, "1 · 10"+exponent), quantity(t, dimension)
		sample, all := 2*n*d*10_000, 2*n*d*n
		for i, want := range []float64{4 * n * d, sample, sample / 140e9, sample / 7e12, 4 * n * d / 1e9, all, all / 140e9, all / 7e12} {
			if got := quantity(t, cells[i+1]); math.Abs(got/want-1) > .06 { // two digits
				t.Errorf("%s, column %d: %q, want %.3g", cells[0], i+1, cells[i+1], want)
			}
		}
	}
	if rows != 8 {
		t.Errorf("%d rows, want 8", rows)
	}
}
