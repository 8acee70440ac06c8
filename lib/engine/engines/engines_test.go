package engines

import (
	"image/color"
	"regexp"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Every engine has a unique name and key and a complete description. The error of a missing engine says how to install it.
func TestAll(t *testing.T) {
	seen := map[string]bool{}
	colors := map[string]color.RGBA{} // by family
	families := map[color.RGBA]string{}
	key := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, e := range All() {
		if seen[e.Name] || seen[e.Key] || e.Name == "" || !key.MatchString(e.Key) {
			t.Errorf("%q has the key %q; or there are two of them", e.Name, e.Key)
		}
		seen[e.Name], seen[e.Key] = true, true
		if e.Family == "" || e.Color.A != 255 || e.Policy == "" || e.Documented == "" || len(e.Metrics) == 0 || (e.Effort == "") != e.Exact() {
			t.Errorf("%s is not described in full: %+v", e.Name, e)
		}
		if c, known := colors[e.Family]; known && c != e.Color {
			t.Errorf("%s has the colours %v and %v", e.Family, c, e.Color)
		}
		if other, taken := families[e.Color]; taken && other != e.Family {
			t.Errorf("%s and %s have one colour, %v", e.Family, other, e.Color)
		}
		colors[e.Family], families[e.Color] = e.Color, e.Family
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

// Exactly the engines that have an adapter count as asked.
func TestUnasked(t *testing.T) {
	for _, w := range engine.Worded() {
		adapted := slices.ContainsFunc(All(), func(e engine.Engine) bool { return e.Documented == w.Documented && e.Effort == w.Effort })
		if adapted == w.Unasked {
			t.Errorf("%s: adapter %v, unasked %v", w.Name, adapted, w.Unasked)
		}
	}
	for p, want := range map[engine.Policy]string{engine.Rejects: "Milvus, JVector, LanceDB; by documentation Elasticsearch", engine.Truncates: "pgvector, Lucene, libSQL"} {
		if names := engine.Following(p); names != want {
			t.Errorf("%s: %s, want %s", p, names, want)
		}
	}
}

// A driver replaces the engine with the same key.
func TestDriversReplaceWhatIsMissing(t *testing.T) {
	driver := engine.Engine{Key: "milvus-hnsw", Name: "the driver's"}
	before, after := All(), All(driver)
	for i, e := range after {
		want := before[i].Name
		if e.Key == driver.Key {
			want = driver.Name
		}
		if e.Name != want {
			t.Errorf("place %d: %s, want %s", i, e.Name, want)
		}
	}
}
