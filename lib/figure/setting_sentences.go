package figure

import (
	"fmt"
	"slices"
	"strings"
)

// each returns the value of a quantity at k for each setting, for example "3.6 % (efSearch 25), 2.6 % (50), 1.9 % (75)".
func each(all []setting, q quantity, k int, format string) string {
	var said []string
	for i, s := range all {
		name := fmt.Sprint(s.value)
		if i == 0 {
			name = s.name()
		}
		if x, ok := s.at(q, k); ok {
			said = append(said, fmt.Sprintf(format+" (%s)", x, name))
		}
	}
	return strings.Join(said, ", ")
}

// overlapAtLargestK returns a sentence with the overlap of each setting at the largest k.
func overlapAtLargestK(all []setting) string {
	k := slices.Max(all[0].ks())
	return fmt.Sprintf("At k = %d the overlap is %s.", k, each(all, percent(overlap), k, "%.1f %%"))
}

// bands returns a sentence that explains the bands around the lines, if there are any.
func bands(all []setting) []string {
	if runs := len(all[0].runs); runs > 1 {
		return []string{fmt.Sprintf("Bands are 95 %% intervals of the mean over %d runs (Student's t).", runs)}
	}
	return nil
}

// firstEmpty returns the smallest k at which a query of the setting gets fewer neighbours than it requests, zero if there is
// none.
func (s *setting) firstEmpty() int {
	for _, k := range s.ks() {
		if x, ok := s.at(emptyShare, k); ok && x > 0 {
			return k
		}
	}
	return 0
}

// emptyFindings returns a sentence with the smallest k, for each setting, at which a query gets fewer neighbours than it requests.
func emptyFindings(all []setting) string {
	var said, never []string
	for _, s := range all {
		if k := s.firstEmpty(); k > 0 {
			said = append(said, fmt.Sprintf("k = %d with %s", k, s.name()))
		} else {
			never = append(never, s.name())
		}
	}
	if len(said) == 0 {
		return "No query gets fewer neighbours than it requests."
	}
	text := "The first query that gets fewer neighbours than it requests occurs at " + strings.Join(said, ", ")
	if len(never) > 0 {
		text += "; none with " + strings.Join(never, ", ")
	}
	return text + "."
}
