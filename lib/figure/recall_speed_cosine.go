package figure

import (
	"fmt"
	"slices"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
)

var recallSpeedCosine = Entry{
	Name: "RecallSpeedCosine",
	From: "engines.csv and engine_records.csv in " + compare.CosineDir,
	Shows: "Recall against queries per second of a batch on every core, under the cosine, for engines that know it, Redis among them, which knows no other metric; " +
		"up and right is better. A line has a marker for each efSearch; dots are exact engines. A setting is left out if another one of the same engine is better in both.",
	Draw: func(r *Results, about Subject) (*Figure, error) { return RecallSpeedCosine(r.Cosine, about) },
	unavailable: func(r *Results) string {
		return unless(r.Cosine != nil, "anncapacity engines --metric cosine was not run (its folder is "+compare.CosineDir+")")
	},
	findings: func(r *Results) ([]string, error) { return RecallSpeedCosineFindings(r.Cosine) },
}

// RecallSpeedCosine draws RecallSpeed of a comparison under the cosine. A record of another metric is an error.
func RecallSpeedCosine(r *compare.Result, about Subject) (*Figure, error) {
	for _, x := range r.Records {
		if x.Metric != ann.Cosine.String() {
			return nil, fmt.Errorf("figure: %s: a record of %s has the metric %s", compare.CosineDir, x.Engine, x.Metric)
		}
	}
	return recallSpeedOf(r, "RecallSpeedCosine", "Recall against speed under the cosine: a batch on every core\n"+about.compared(r))
}

// RecallSpeedCosineFindings returns those of RecallSpeed, and the policies that were observed for k > efSearch.
func RecallSpeedCosineFindings(r *compare.Result) ([]string, error) {
	if r == nil {
		return nil, nil
	}
	said, err := RecallSpeedFindings(r)
	if err != nil {
		return nil, err
	}
	var policies []string
	for _, o := range observed {
		var names []string
		for _, e := range r.Engines {
			if e.Missing == "" && e.Observed == o.policy && o.policy != engine.Exact {
				names = append(names, e.Engine)
			}
		}
		if names != nil {
			policies = append(policies, fmt.Sprintf("%s: %s", o.policy, strings.Join(names, ", ")))
		}
	}
	if policies == nil {
		return said, nil
	}
	return slices.Concat(said, []string{"Observed when k exceeds efSearch: " + strings.Join(policies, "; ") + "."}, absent(r)), nil
}
