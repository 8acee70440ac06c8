package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"anncapacity/lib/compare"
	"anncapacity/lib/words"
)

// EnginePoliciesFindings say what came back at the largest k, and which engines are not there.
func EnginePoliciesFindings(r *compare.Result) ([]string, error) {
	lines := filter(engineLines(r), func(l engineLine) bool { return !l.exact() })
	if len(lines) == 0 {
		return nil, nil
	}
	last := func(l engineLine) compare.Record { return l.records[len(l.records)-1] }
	answered := filter(lines, func(l engineLine) bool { return last(l).Error == "" })
	said := []string{fmt.Sprintf("At k = %d and efSearch %d the overlap is %s.", last(lines[0]).K, last(lines[0]).EfSearch,
		inTurn(answered, "", func(l engineLine) (string, any) { return shareOf(last(l).Overlap), l.name }))}
	if short := filter(answered, func(l engineLine) bool { return last(l).Fill < 1 }); len(short) > 0 {
		said = append(said, "Of the slots there are filled "+inTurn(short, "", func(l engineLine) (string, any) { return shareOf(last(l).Fill), l.name })+".")
	}
	return append(said, absent(r)...), nil
}

// absent names the engines that were not measured.
func absent(r *compare.Result) []string {
	var names []string
	for _, e := range r.Engines {
		if e.Missing != "" {
			names = append(names, e.Engine)
		}
	}
	if names == nil {
		return nil
	}
	return []string{"Not measured, because they were not to be had: " + strings.Join(names, ", ") + "."}
}

// goodRecall is what the fastest engine is named for.
const goodRecall = .99

// RecallSpeedFindings name the fastest engine of a good recall.
func RecallSpeedFindings(r *compare.Result) (said []string, err error) {
	for _, k := range sweptK(r.Records) {
		var best compare.Record
		for _, l := range speedLines(r, k) {
			for _, x := range l.records {
				if x.Overlap >= goodRecall && x.BatchPerSecond > best.BatchPerSecond {
					best = x
				}
			}
		}
		if best.Engine != "" {
			effort := "without an approximation"
			if best.EfSearch > 0 {
				effort = fmt.Sprintf("at efSearch %d", best.EfSearch)
			}
			said = append(said, fmt.Sprintf("At k = %d the most queries per second with a recall of at least %v are those of %s, %.0f %s (recall %.3f).",
				k, goodRecall, best.Engine, best.BatchPerSecond, effort, best.Overlap))
		}
	}
	return said, nil
}

// TreeOnWordsFindings say what the exact tree looks at from dimension to dimension, and what a budget costs in the last one.
func TreeOnWordsFindings(records []words.Record) ([]string, error) {
	ways := treeWays(records)
	if len(ways) == 0 {
		return nil, nil
	}
	exact := ways[0]
	said := []string{fmt.Sprintf("The exact tree (%s) looks at %s of the words.", exact[0].Method, inTurn(threeOfRecords(exact), "dimension", func(r words.Record) (string, any) {
		return fmt.Sprintf("%.3g %%", 100*r.Visited), r.Dimension
	}))}
	if i := slices.IndexFunc(exact, func(r words.Record) bool { return r.Visited >= .5 }); i >= 0 {
		said = append(said, fmt.Sprintf("It looks at more than half of them from dimension %d on.", exact[i].Dimension))
	}
	budgets := filter(ways, func(way []words.Record) bool { return way[0].Leaves > 0 })
	if len(budgets) > 0 {
		last := func(way []words.Record) words.Record { return way[len(way)-1] }
		said = append(said, fmt.Sprintf("With a budget the overlap in dimension %d is %s.", last(budgets[0]).Dimension, inTurn(budgets, "", func(way []words.Record) (string, any) {
			return fmt.Sprintf("%s, of %.2g %% of the words", shareOf(last(way).Overlap), 100*last(way).Visited), leaves(way[0].Leaves)
		})))
	}
	return said, nil
}

// threeOfRecords are the first, a middle one and the last.
func threeOfRecords(all []words.Record) []words.Record {
	if len(all) <= 3 {
		return all
	}
	return []words.Record{all[0], all[len(all)/2], all[len(all)-1]}
}

// BulkSearchFindings set every engine's faster way beside the project's, metric by metric.
func BulkSearchFindings(rows []compare.BulkRow) (said []string, err error) {
	rows = filter(rows, func(r compare.BulkRow) bool { return r.Missing == "" })
	for _, group := range groupBy(rows, func(r compare.BulkRow) string { return r.Metric }) {
		own := group[0]
		var faster []compare.BulkRow
		for _, ways := range groupBy(group[1:], func(r compare.BulkRow) string { return r.Engine }) {
			best := compare.BulkRow{Seconds: math.Inf(1)}
			for _, r := range ways {
				if r.Seconds < best.Seconds {
					best = r
				}
			}
			faster = append(faster, best)
		}
		said = append(said, fmt.Sprintf("%s: this project's matrix product takes %.3g s; times as long take %s.", own.Metric, own.Seconds,
			inTurn(faster, "", func(r compare.BulkRow) (string, any) { return fmt.Sprintf("%.3g", r.Ratio), placeName(r) })))
	}
	return said, nil
}
