package embedding

import (
	"testing"

	"anncapacity/lib/ann"
)

// Three birds, one cat and one image without a class. The birds and the cat have six neighbours, two of them of their
// own class; chance is (3 · 2/4 + 0/4) / 4.
func TestSameClass(t *testing.T) {
	rows := []Row{{Class: "bird"}, {Class: "bird"}, {Class: "bird"}, {Class: "cat"}, {}}
	neighbors := []ann.Neighbors{{{ID: 1}, {ID: 3}}, {{ID: 0}}, {{ID: 4}}, {{ID: 0}, {ID: 4}}, {{ID: 0}}}
	got, err := SameClass(rows, neighbors)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Agreement{Images: 4, Neighbors: 6, Share: 2. / 6, Chance: 1.5 / 4}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	const sentence = "Of 6 neighbours of 4 images, 33.3 % are of the image's own class; by chance it would be 37.5 %."
	if got.String() != sentence {
		t.Errorf("got %q", got)
	}
	none, err := SameClass([]Row{{}, {}}, []ann.Neighbors{{{ID: 1}}, {{ID: 0}}})
	if err != nil || none.String() != "The images carry no class." {
		t.Errorf("without classes: %v, %v", none, err)
	}
}

func TestSameClassRefuses(t *testing.T) {
	for name, bad := range map[string][]ann.Neighbors{
		"too few lists":    {{{ID: 1}}},
		"neighbour beyond": {{{ID: 2}}, {{ID: 0}}},
	} {
		if _, err := SameClass([]Row{{Class: "a"}, {Class: "a"}}, bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := SameClass(nil, nil); err == nil {
		t.Error("nothing: accepted")
	}
}
