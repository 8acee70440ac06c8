package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"anncapacity/lib/compare"
	"anncapacity/lib/internal/plate"
)

var engineFiltersCorrelated = Entry{
	Name: "EngineFiltersCorrelated",
	From: "engines.csv and " + compare.FiltersFile,
	Shows: "Searches with filters that depend on positions, with each engine's own filter: the points that match are the nearest ones of one point, the centre. " +
		"The queries are among the points that are farthest from it (far), or match every filter (near). " +
		"The overlap with the exact neighbours among the points that match, and the share of the slots that they fill, against the share of points that match. " +
		"Exact engines are not drawn, and of the policies of this project's index only one.",
	Draw: func(r *Results, about Subject) (*Figure, error) {
		return EngineFiltersCorrelated(r.Engines, r.EngineFilters, about)
	},
	unavailable: withoutFilters,
	findings:    func(r *Results) ([]string, error) { return EngineFiltersCorrelatedFindings(r.EngineFilters) },
}

// restrictionsByPosition are those of EngineFiltersCorrelated.
var restrictionsByPosition = []restriction{
	{compare.Filtered, compare.Far, ", far", restrictions[0].axis, math.Log10, filterTicks},
	{compare.Filtered, compare.Near, ", near", restrictions[0].axis, math.Log10, filterTicks},
}

// EngineFiltersCorrelated draws overlap and fill against the share of points that match a filter, where these are far from the queries and
// where they are near, at the smallest k and efSearch of the records. Each approximate engine is a line. The legend names those that
// returned points which do not match.
func EngineFiltersCorrelated(r *compare.Result, all []compare.FilterRecord, about Subject) (*Figure, error) {
	look, err := styles(r.Engines)
	if err != nil {
		return nil, err
	}
	all = filter(all, byPosition)
	panels, named, first := restrictedPanels(restrictionsByPosition, look, all)
	if len(named) == 0 {
		return nil, fmt.Errorf("figure: %w of searches with filters that depend on positions", errNoRecords)
	}
	return newFigure("EngineFiltersCorrelated", &plate.Plate{
		Width: plate.DoubleColumn, Height: 1.9 * vg.Inch, Panels: panels, Legends: filterLegends(named, look, all), PerRow: filterColumns,
		Title: fmt.Sprintf("Filters correlated with the position: what engines return at k = %d and efSearch %d\n%s%s", first.K, first.EfSearch, about.sized(r), queriesOf(all)),
	}, restrictedTable(all)), nil
}

// queriesOf returns the numbers of queries as the end of a title, for example " · queries: 200 far, 20 near".
func queriesOf(all []compare.FilterRecord) string {
	var words []string
	for _, kind := range restrictionsByPosition {
		if i := slices.IndexFunc(all, func(r compare.FilterRecord) bool { return r.Correlation == kind.correlation }); i >= 0 {
			words = append(words, fmt.Sprintf("%s %s", thousands(all[i].Queries), kind.correlation))
		}
	}
	return " · queries: " + strings.Join(words, ", ")
}

// EngineFiltersCorrelatedFindings returns sentences on the engines whose overlap falls where the points that match are far from the
// queries, on the strictest filters, on points that were returned although they do not match, and on errors.
func EngineFiltersCorrelatedFindings(all []compare.FilterRecord) (said []string, err error) {
	here := filter(all, byPosition)
	if len(here) == 0 {
		return nil, nil
	}
	said = append(said, fallSentence(all), nearbySentence(all))
	for _, kind := range restrictionsByPosition {
		if rows := strictest(here, kind); len(rows) > 0 {
			said = append(said, restrictedSentences(kind, rows)...)
		}
	}
	said = append(said, wrongSentence(here))
	return append(said, failedSentence(here)...), nil
}

// A fall is the overlap of one engine under a filter of any positions, and under a filter of as many points far from the queries.
type fall struct{ anywhere, far compare.FilterRecord }

func (f fall) by() float64 { return f.anywhere.Overlap - f.far.Overlap }

// worthNaming is the smallest fall of the overlap that a sentence names.
const worthNaming = .05

// fallSentence says which engines have a lower overlap where the points that match are far from the queries, largest fall first.
func fallSentence(all []compare.FilterRecord) string {
	_, before := restrictedLines(all, restrictions[0])
	names, after := restrictedLines(all, restrictionsByPosition[0])
	var falls []fall
	for _, name := range names {
		if worst := largestFall(before[name], after[name]); worst.by() >= worthNaming {
			falls = append(falls, worst)
		}
	}
	slices.SortStableFunc(falls, func(a, b fall) int { return cmp.Compare(b.by(), a.by()) })
	var words []string
	for _, f := range falls {
		words = append(words, fmt.Sprintf("%s (%s to %s where %s match)", f.far.Engine, shareOf(f.anywhere.Overlap), shareOf(f.far.Overlap), shareOf(f.far.Share)))
	}
	if words == nil {
		return fmt.Sprintf("No overlap falls by %g points or more where the points that match are far from the queries instead of anywhere.", 100*worthNaming)
	}
	return "Where the points that match are far from the queries instead of anywhere, the overlap falls most for " + strings.Join(words, ", ") + "."
}

// largestFall returns the fall of one engine at the share at which it is largest, without the share of all points.
func largestFall(before, after []compare.FilterRecord) (worst fall) {
	for _, b := range before {
		for _, a := range after {
			if f := (fall{b, a}); a.Share == b.Share && a.Share < 1 && a.Error == "" && b.Error == "" && f.by() > worst.by() {
				worst = f
			}
		}
	}
	return worst
}

// nearbySentence says how many of the nearest points match the strictest filter.
func nearbySentence(all []compare.FilterRecord) string {
	kinds := append([]restriction{restrictions[0]}, restrictionsByPosition...)
	words := make([]string, 0, len(kinds))
	var one compare.FilterRecord
	for i, kind := range kinds {
		if rows := strictest(all, kind); len(rows) > 0 {
			one = rows[0]
			words = append(words, fmt.Sprintf("%s (%s)", shareOf(one.Nearby), []string{"anywhere", "far", "near"}[i]))
		}
	}
	return fmt.Sprintf("Of the %d nearest of all points, those that match a filter of %s of the points are %s.", one.K, shareOf(one.Share), strings.Join(words, ", "))
}
