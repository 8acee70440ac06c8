package compare_test

import (
	"testing"

	"anncapacity/lib/compare/comparetest"
	"anncapacity/lib/engine/engines"
)

// Every engine that is available here has its documented policy. The modules of the drivers have the same test.
func TestEnginesDoWhatTheyDocument(t *testing.T) {
	for _, e := range engines.All() {
		t.Run(e.Name, func(t *testing.T) { comparetest.Policy(t, e) })
	}
}
