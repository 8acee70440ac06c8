package hnsw

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
)

// Importing the links of a graph gives an equal graph; invalid links are an error.
func TestImport(t *testing.T) {
	v := ann.Vectors{N: 300, D: 3}
	for i := range v.N * v.D {
		v.Data = append(v.Data, float32(i*i%97))
	}
	g, err := Build(t.Context(), OnVectors(v), Options{M: 4, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	links := Links{Level: g.level, Slots: g.links, EntryPoint: g.entryPoint}
	same, err := Import(g.Options(), links)
	if err != nil || !reflect.DeepEqual(same, g) {
		t.Errorf("another graph came back: %v", err)
	}
	outside := slices.Clone(g.links)
	outside[0] = 300
	for says, bad := range map[string]Links{
		"no nodes":         {},
		"slots of links":   {Level: g.level, Slots: g.links[1:], EntryPoint: g.entryPoint},
		"link to 300":      {Level: g.level, Slots: outside, EntryPoint: g.entryPoint},
		"entry point 1000": {Level: g.level, Slots: g.links, EntryPoint: 1000},
	} {
		if _, err := Import(g.Options(), bad); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q expected: %v", says, err)
		}
	}
}
