package driver

import (
	"os"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare/comparetest"
	"anncapacity/lib/engine/enginetest"
)

// Weaviate's answers are compared with brute force, and its behaviour for a limit above ef with the documentation.
func TestEngines(t *testing.T) {
	recall := map[ann.Metric]float64{ann.Euclidean: .95, ann.Cosine: .95, ann.InnerProduct: .9}
	for _, e := range Engines() {
		t.Run(e.Name, func(t *testing.T) {
			enginetest.Run(t, e, enginetest.Want{Recall: recall, Beyond: enginetest.Full})
			comparetest.Policy(t, e)
		})
	}
}

func TestVersionIsTheOnePinned(t *testing.T) {
	pins, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(pins), "github.com/weaviate/weaviate v"+Version+"\n") {
		t.Errorf("go.mod does not pin Weaviate %s", Version)
	}
}
