package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"anncapacity/lib/engine"
)

// String returns the report as text for a terminal: the verdict, the settings, the statement to paste, and how it was measured.
func (r *Report) String() string {
	var b strings.Builder
	v := r.Verdict()
	if v.Answer != Unasked {
		fmt.Fprintf(&b, "%s. ", v.Answer)
	}
	for _, line := range append([]string{v.Text, v.Instead}, v.Also...) {
		if line != "" {
			fmt.Fprintln(&b, line)
		}
	}
	if r.Advice != nil && r.Advice.Statement != "" {
		fmt.Fprintf(&b, "\n%s\n", indent(r.Advice.Statement))
	}
	fmt.Fprintf(&b, "\n%s\n", strings.Join(r.Facts(), " · "))
	r.table(&b, v)
	fmt.Fprint(&b, "\nHow it was measured:\n")
	for _, note := range append([]string{r.PolicySentence()}, r.Notes...) {
		fmt.Fprintf(&b, "  %s\n", note)
	}
	return b.String()
}

// Facts returns short phrases that say what was measured, and on what.
func (r *Report) Facts() (all []string) {
	if r.Engine != "" {
		all = append(all, strings.TrimSpace(r.Engine+" "+r.EngineVersion))
	}
	all = append(all, fmt.Sprintf("%s vectors of %s dimensions", Thousands(r.N), Thousands(r.D)), "metric "+r.Metric, Thousands(r.Queries)+" queries",
		"recall "+r.Target)
	if r.Filter != nil {
		all = append(all, fmt.Sprintf("filter %s: %s vectors match (%s)", r.Filter.Text, Thousands(r.Filter.Matching), Percent(r.Filter.Selectivity)))
	}
	return all
}

// PolicySentence says what the engine does when k exceeds efSearch.
func (r *Report) PolicySentence() string {
	if engine.Policy(r.Policy) == engine.Exact {
		return "The engine compares the query with every vector."
	}
	does, known := map[engine.Policy]string{
		engine.Pads:            "answers have empty slots",
		engine.Truncates:       "answers hold no more vectors than " + r.EffortName(),
		engine.Rejects:         "the engine answers with an error",
		engine.Raises:          "the engine searches as if it were k",
		engine.Fills:           "answers are full, and no better than others at this " + r.EffortName(),
		engine.IgnoresEfSearch: "nothing changes, because it has no effect",
		engine.NotAsked:        "it is not known what the engine does: no query asked for more",
	}[engine.Policy(r.Policy)]
	if !known {
		does = "the engine's policy is: " + r.Policy
	}
	return fmt.Sprintf("When k exceeds %s, %s.", r.EffortName(), does)
}

// table writes a line for each setting. A column that no setting has is left out.
func (r *Report) table(b *strings.Builder, v Verdict) {
	columns := r.Columns()
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, c := range columns {
		fmt.Fprintf(w, "%s\t", c.Name)
	}
	fmt.Fprintln(w)
	for i := range r.Settings {
		s := &r.Settings[i]
		for _, c := range columns {
			fmt.Fprintf(w, "%s\t", c.Cell(*s))
		}
		fmt.Fprintln(w, mark(s, v))
	}
	w.Flush() // to a strings.Builder, which returns no errors
}

// mark returns the remark at the end of the line of a setting.
func mark(s *Setting, v Verdict) string {
	var all []string
	if s.Present {
		all = append(all, "present")
	}
	if s == v.Advised {
		all = append(all, "advised")
	}
	if s.UsesIndex != nil && !*s.UsesIndex {
		all = append(all, "index not used")
	}
	if all == nil {
		return ""
	}
	return "  " + strings.Join(all, ", ")
}

// indent returns text with each line indented by four spaces.
func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }

// Percent returns a share as a percentage: "86.3 %". It has more digits near 1, and is "100 %" for 1 alone.
func Percent(share float64) string {
	decimals := 1
	for decimals < 4 && 1-share < math.Pow(10, -float64(decimals)-1) {
		decimals++
	}
	scale := math.Pow(10, float64(decimals))
	percent := math.Round(100*share*scale) / scale
	if share < 1 && percent == 100 {
		percent -= 1 / scale
	}
	if share > 0 && percent == 0 {
		return "< 0.1 %"
	}
	return strconv.FormatFloat(percent, 'f', -1, 64) + " %"
}

// Interval returns an interval of shares as percentages: "85.1 to 87.4 %".
func Interval(of [2]float64) string {
	return strings.TrimSuffix(Percent(of[0]), " %") + " to " + Percent(of[1])
}

// Thousands returns n with commas between groups of three digits: "200,000".
func Thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
