package compare_test

import (
	"testing"

	"anncapacity/lib/compare/comparetest"
	"anncapacity/lib/engine/engines"
)

// Every engine that can be had here does what it documents. The drivers' modules test theirs in the same way.
func TestEnginesDoWhatTheyDocument(t *testing.T) {
	for _, e := range engines.All() {
		t.Run(e.Name, func(t *testing.T) { comparetest.Policy(t, e) })
	}
}
