package figure

import (
	"fmt"
	"slices"
	"strings"

	"anncapacity/lib/compare"
)

// EngineFiltersFindings returns sentences on the strictest filter and on the most deletions at the smallest k and efSearch, on points
// that engines returned although they do not match or are deleted, on exact engines, and on errors.
func EngineFiltersFindings(all []compare.FilterRecord) (said []string, err error) {
	all = anywhere(all)
	for _, kind := range restrictions {
		if rows := strictest(all, kind); len(rows) > 0 {
			said = append(said, restrictedSentences(kind, rows)...)
		}
	}
	if len(said) == 0 {
		return nil, nil
	}
	said = append(said, wrongSentence(all))
	said = append(said, exactSentence(all)...)
	return append(said, failedSentence(all)...), nil
}

// strictest returns the record of each engine without an error in which the fewest points are allowed.
func strictest(all []compare.FilterRecord, of restriction) (rows []compare.FilterRecord) {
	names, lines := restrictedLines(all, of)
	for _, name := range names {
		x := lines[name][0]
		if of.kind == compare.Deleted {
			x = lines[name][len(lines[name])-1]
		}
		if x.Error == "" {
			rows = append(rows, x)
		}
	}
	return rows
}

// fullFill is the mean from which fill and overlap are 100 % in words.
const fullFill = .9995

// restrictedSentences says which engines leave slots empty, and the overlap of each.
func restrictedSentences(of restriction, rows []compare.FilterRecord) []string {
	where := fmt.Sprintf("With a filter that %s of the points match, at k = %d and efSearch %d,", shareOf(rows[0].Share), rows[0].K, rows[0].EfSearch)
	switch {
	case of.kind == compare.Deleted:
		where = fmt.Sprintf("After %s of the points are deleted, at the same k and efSearch,", shareOf(rows[0].Share))
	case of.correlation == compare.Far:
		where = fmt.Sprintf("With a filter that %s of the points match, far from the queries, at k = %d and efSearch %d,", shareOf(rows[0].Share), rows[0].K, rows[0].EfSearch)
	case of.correlation == compare.Near:
		where = "Where they are near the queries, at the same k and efSearch,"
	}
	return []string{
		where + " the fill is " + belowOne(rows, func(r compare.FilterRecord) float64 { return r.Fill }),
		"The overlap is " + belowOne(rows, func(r compare.FilterRecord) float64 { return r.Overlap }),
	}
}

// belowOne returns the end of a sentence with the shares of the engines that are below 100 %.
func belowOne(rows []compare.FilterRecord, of func(compare.FilterRecord) float64) string {
	less := filter(rows, func(r compare.FilterRecord) bool { return of(r) < fullFill })
	switch said := inTurn(less, "", func(r compare.FilterRecord) (string, any) { return shareOf(of(r)), r.Engine }); {
	case len(less) == 0:
		return "100 % for every engine."
	case len(less) < len(rows):
		return said + ", and 100 % for the others."
	default:
		return said + "."
	}
}

// wrongSentence says how many points were returned that do not match, or that are deleted.
func wrongSentence(all []compare.FilterRecord) string {
	wrong := wrongOf(all)
	var found []string
	for _, name := range filterNames(all) {
		if wrong[name] > 0 {
			found = append(found, fmt.Sprintf("%s (%s)", name, count(wrong[name], "ID")))
		}
	}
	if found == nil {
		return "No engine returned a point that does not match or is deleted."
	}
	return "Points that do not match or are deleted were returned by " + strings.Join(found, ", ") + "."
}

// exactSentence says whether exact engines return full and exact answers in all searches, if there are any.
func exactSentence(all []compare.FilterRecord) []string {
	exact := filter(all, func(r compare.FilterRecord) bool { return r.EfSearch == 0 && r.Kind != "" })
	if len(exact) == 0 {
		return nil
	}
	less := filterNames(filter(exact, func(r compare.FilterRecord) bool { return r.Fill < fullFill || r.Overlap < fullFill || r.Error != "" }))
	if less == nil {
		return []string{"Exact engines return full and exact answers in all searches: " + strings.Join(filterNames(exact), ", ") + "."}
	}
	return []string{"Of the exact engines, these do not return full and exact answers in all searches: " + strings.Join(less, ", ") + "."}
}

// failedSentence names the engines with an error in a search, and those that failed as a whole.
func failedSentence(all []compare.FilterRecord) (said []string) {
	failed := filterNames(filter(all, func(r compare.FilterRecord) bool { return r.Error != "" }))
	if failed == nil {
		return nil
	}
	return []string{"Some or all searches were errors for " + strings.Join(failed, ", ") + "."}
}

// filterNames returns the names of the engines in their order.
func filterNames(all []compare.FilterRecord) (names []string) {
	for _, r := range all {
		if !slices.Contains(names, r.Engine) {
			names = append(names, r.Engine)
		}
	}
	return names
}
