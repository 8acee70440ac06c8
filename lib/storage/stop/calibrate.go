package stop

import (
	"fmt"
	"slices"
)

// Calibrate returns the effort with the lowest threshold whose recall is at least the wanted one. efforts are those of one Sweep.
// It is an error if no threshold has that recall.
func Calibrate(efforts []Effort, recall float64) (Effort, error) {
	at := slices.IndexFunc(efforts, func(e Effort) bool { return e.Recall >= recall })
	if at < 0 {
		return Effort{}, fmt.Errorf("recall %v is not reached: the highest is %.4f", recall, highest(efforts))
	}
	return efforts[at], nil
}

// At returns the mean effort at exactly the given recall: that of a search that takes one of the two adjacent thresholds at random,
// so that its mean recall is the given one. ok is false if no threshold has that recall. If the lowest threshold has a higher
// recall, At returns its effort.
func At(efforts []Effort, recall float64) (e Effort, ok bool) {
	at := slices.IndexFunc(efforts, func(e Effort) bool { return e.Recall >= recall })
	if at < 0 {
		return Effort{}, false
	}
	if at == 0 {
		return efforts[0], true
	}
	a, b := efforts[at-1], efforts[at]
	share := (recall - a.Recall) / (b.Recall - a.Recall)
	between := func(a, b float64) float64 { return a + share*(b-a) }
	return Effort{
		Threshold: between(a.Threshold, b.Threshold),
		Recall:    recall,
		Units:     between(a.Units, b.Units),
		Reads:     between(a.Reads, b.Reads),
		Vectors:   between(a.Vectors, b.Vectors),
		Pages:     between(a.Pages, b.Pages),
	}, true
}

func highest(efforts []Effort) (recall float64) {
	for _, e := range efforts {
		recall = max(recall, e.Recall)
	}
	return recall
}
