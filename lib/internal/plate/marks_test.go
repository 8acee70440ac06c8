package plate

import (
	"slices"
	"testing"

	"gonum.org/v1/plot/plotter"
)

// The markers of coinciding lines have different positions, all of them on the line.
func TestSpread(t *testing.T) {
	line := plotter.XYs{{X: 0, Y: 1}, {X: 10, Y: 0}, {X: 20, Y: 0}}
	for i, want := range []plotter.XYs{{{X: 2.5, Y: .75}, {X: 12.5, Y: 0}}, {{X: 7.5, Y: .25}, {X: 17.5, Y: 0}}} {
		if got := Spread(line, i, 2); !slices.Equal(got, want) {
			t.Errorf("line %d: %v, want %v", i, got, want)
		}
	}
	if got := Spread(line[:1], 0, 2); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestEvery(t *testing.T) {
	line := plotter.XYs{{X: 0}, {X: 1}, {X: 2}, {X: 3}, {X: 4}}
	for n, want := range map[int]plotter.XYs{0: line, 1: line, 2: {{X: 1}, {X: 3}}, 5: {{X: 4}}, 6: nil} {
		if got := Every(n, line); !slices.Equal(got, want) {
			t.Errorf("one of every %d: %v, want %v", n, got, want)
		}
	}
}
