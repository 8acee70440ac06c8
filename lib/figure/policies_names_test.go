package figure

import (
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/engine"
	"anncapacity/lib/hnsw"
)

// The engines that the legend names follow the policy, and those that were not asked stand after "documented:".
func TestEnginesOfPolicies(t *testing.T) {
	policies := map[engine.Policy]hnsw.Policy{
		engine.Pads: hnsw.Pad, engine.Raises: hnsw.Raise, engine.Truncates: hnsw.Truncate, engine.Rejects: hnsw.Reject,
	}
	for p, ours := range policies {
		asked, documented, _ := strings.Cut(strings.TrimPrefix(enginesOf[ours.String()], "an error: "), "; documented: ")
		for names, unasked := range map[string]bool{asked: false, documented: true} {
			for name := range strings.SplitSeq(names, ", ") {
				named := func(w engine.Words) bool { return w.Name == name && w.Policy == p && w.Unasked == unasked }
				if name != "" && !slices.ContainsFunc(engine.Worded(), named) {
					t.Errorf("%v: %q is none of its engines, or asked and documented are exchanged", ours, name)
				}
			}
		}
	}
}
