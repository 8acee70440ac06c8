package embedding

import (
	"fmt"

	"anncapacity/lib/ann"
)

// Agreement is the share of neighbours that have the same class as the image whose neighbours they are.
type Agreement struct {
	Images    int     // number of images with a class
	Neighbors int     // number of their neighbours in total
	Share     float64 // share of these neighbours that have the class of their image, 0 … 1
	Chance    float64 // expected share if neighbours were drawn at random from all other images
}

// SameClass compares the class of each row with the classes of its neighbours. neighbors[i] is the list of row i, and
// the IDs in it are rows. Rows without a class are not counted as queries.
func SameClass(rows []Row, neighbors []ann.Neighbors) (Agreement, error) {
	var a Agreement
	if len(rows) != len(neighbors) || len(rows) < 2 {
		return a, fmt.Errorf("same class: %d rows, %d lists of neighbours; two rows or more, each with its list, are expected", len(rows), len(neighbors))
	}
	size := map[string]int{}
	for _, r := range rows {
		size[r.Class]++
	}
	same := 0
	for i, r := range rows {
		if r.Class == "" {
			continue
		}
		a.Images++
		a.Chance += float64(size[r.Class]-1) / float64(len(rows)-1)
		for _, n := range neighbors[i] {
			if n.ID < 0 || int(n.ID) >= len(rows) {
				return a, fmt.Errorf("same class: row %d has neighbour %d of %d rows", i, n.ID, len(rows))
			}
			a.Neighbors++
			if rows[n.ID].Class == r.Class {
				same++
			}
		}
	}
	a.Share, a.Chance = float64(same)/float64(max(1, a.Neighbors)), a.Chance/float64(max(1, a.Images))
	return a, nil
}

// String returns the agreement as a sentence.
func (a Agreement) String() string {
	if a.Images == 0 {
		return "The images carry no class."
	}
	return fmt.Sprintf("Of %d neighbours of %d images, %.1f %% are of the image's own class; by chance it would be %.1f %%.",
		a.Neighbors, a.Images, 100*a.Share, 100*a.Chance)
}
