package engines

import (
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Every engine has a name of its own and says what it does; those that are missing say how they can be had.
func TestAll(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range All() {
		if seen[e.Name] || e.Name == "" || e.Policy == "" || len(e.Metrics) == 0 {
			t.Errorf("%q: policy %q, metrics %v; or there are two of them", e.Name, e.Policy, e.Metrics)
		}
		seen[e.Name] = true
		err := e.Missing()
		if err == nil {
			t.Logf("%-30s %-20s %s", e.Name, e.Version(), e.Policy)
			continue
		}
		t.Log(err)
		if !strings.HasPrefix(err.Error(), e.Name) || len(err.Error()) < len(e.Name)+20 {
			t.Errorf("%s is missing: %v", e.Name, err)
		}
		if x, err := e.Build(t.Context(), ann.Vectors{N: 1, D: 1, Data: []float32{1}}, engine.Options{}); err == nil {
			x.Close()
			t.Errorf("%s is missing, and was built", e.Name)
		}
	}
}
