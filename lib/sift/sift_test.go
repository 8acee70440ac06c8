package sift

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/images"
)

func make40(t *testing.T, change func(*Options)) *Sets {
	t.Helper()
	opencv(t)
	o := Options{Dataset: images.Generated(40, 3), Base: 900, Learn: 800, Queries: 200, Seed: 5}
	change(&o)
	sets, err := Make(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

// Every vector of a set is a descriptor of one of the set's photographs, no photograph serves two sets, and no vector is drawn
// twice.
func TestSetsAreOfDifferentPhotographs(t *testing.T) {
	sets := make40(t, func(*Options) {})
	of := map[string][]int{} // the photographs that have a descriptor
	for i, found := range descriptors(t, Options{Dataset: images.Generated(40, 3), Base: 1, Learn: 1, Queries: 1}) {
		for v := range slices.Chunk(found, Dimensions) {
			of[string(v)] = append(of[string(v)], i)
		}
	}
	parts, err := split(40, 5)
	if err != nil {
		t.Fatal(err)
	}
	photographs := slices.Concat(parts[:]...)
	slices.Sort(photographs)
	if len(slices.Compact(photographs)) != 40 || len(parts[0]) != 18 || len(parts[1]) != 18 {
		t.Fatalf("the photographs of the sets are %v", parts)
	}
	for i, s := range sets.all() {
		used := map[int]bool{}
		drawn := map[string]int{}
		for v := range slices.Chunk(s.Vectors.Bytes, Dimensions) {
			drawn[string(v)]++
			at := slices.IndexFunc(of[string(v)], func(image int) bool { return slices.Contains(parts[i], image) })
			if at < 0 {
				t.Fatalf("%s: a vector is of photographs %v, the set's are %v", names[i], of[string(v)], parts[i])
			}
			used[of[string(v)][at]] = true
		}
		for v, n := range drawn {
			if n > len(of[v]) {
				t.Errorf("%s: a descriptor of %d photographs was drawn %d times", names[i], len(of[v]), n)
			}
		}
		if s.Photographs != len(parts[i]) || len(used) < len(parts[i])*3/4 { // some have few descriptors
			t.Errorf("%s: descriptors of %d photographs, %d are recorded, the set has %d", names[i], len(used), s.Photographs, len(parts[i]))
		}
	}
}

func TestSeedGivesSameBytes(t *testing.T) {
	first := make40(t, func(o *Options) { o.Threads = 1 })
	again := make40(t, func(o *Options) { o.Threads = 5 })
	other := make40(t, func(o *Options) { o.Seed = 6 })
	for i, s := range first.all() {
		if !bytes.Equal(s.Vectors.Bytes, again.all()[i].Vectors.Bytes) {
			t.Errorf("%s: the same seed gives other bytes", names[i])
		}
		if bytes.Equal(s.Vectors.Bytes, other.all()[i].Vectors.Bytes) {
			t.Errorf("%s: another seed gives the same bytes", names[i])
		}
	}
}

// 20 copies of one photograph: what the base holds is left out of the other sets, and what the learn set holds of the queries.
func TestVectorsOfEarlierSetsAreLeftOut(t *testing.T) {
	opencv(t)
	one := images.Subset(images.Generated(3, 3), make([]int32, 20))
	all := distinct(slices.Concat(descriptors(t, Options{Dataset: one, Base: 1, Learn: 1, Queries: 1})...))
	o := Options{Dataset: one, Base: 6, Learn: 7, Queries: 5, Seed: 1}
	sets, err := Make(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	base, learn, queries := sets.Base, sets.Learn, sets.Queries
	inBase, inLearn := distinct(base.Vectors.Bytes), distinct(learn.Vectors.Bytes)
	if base.Found != 9*len(all) || learn.InBase != 9*len(inBase) ||
		queries.InBase != 2*len(inBase) || queries.InLearn != 2*len(inLearn) {
		t.Errorf("%d descriptors a photograph, %d in the base, %d in the learn set; recorded %+v", len(all), len(inBase), len(inLearn),
			[]int{base.Found, learn.InBase, queries.InBase, queries.InLearn})
	}
	for v := range distinct(queries.Vectors.Bytes) {
		if inBase[v] || inLearn[v] {
			t.Error("a query is in the base or in the learn set")
		}
	}
	o.Learn = 9*len(all) + 1
	if _, err := Make(t.Context(), o); err == nil || !strings.Contains(err.Error(), "the learn set: there are") {
		t.Errorf("error %v", err)
	}
}

func distinct(rows []uint8) map[string]bool {
	all := map[string]bool{}
	for v := range slices.Chunk(rows, Dimensions) {
		all[string(v)] = true
	}
	return all
}

func TestMakeRefuses(t *testing.T) {
	opencv(t)
	d := images.Generated(4, 3)
	good := Options{Dataset: d, Base: 1, Learn: 1, Queries: 1, Progress: io.Discard}
	for says, change := range map[string]func(*Options){
		"2 photographs are too few":    func(o *Options) { o.Dataset = images.Generated(2, 3) },
		"the base set: there are":      func(o *Options) { o.Base = 1e6 },
		"learn set of 0 vectors":       func(o *Options) { o.Learn = 0 },
		"enlargement 17":               func(o *Options) { o.Settings.Enlarge = 17 },
		"-1 warps":                     func(o *Options) { o.Warps = -1 },
		"want a number above 0":        func(o *Options) { o.Settings.Sigma = -1 },
		"generated: Dog/3: unreadable": func(o *Options) { o.Dataset = broken{d} },
		"OpenCV says: Traceback":       func(o *Options) { o.Settings.Sigma = 1e9 },
	} {
		o := good
		change(&o)
		if _, err := Make(t.Context(), o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q", err, says)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Make(stopped, good); !errors.Is(err, context.Canceled) {
		t.Errorf("after an interrupt: %v", err)
	}
}

// broken is a dataset whose image 3 cannot be read.
type broken struct{ images.Dataset }

func (b broken) ID(i int) string {
	if i == 3 {
		return "Dog/3"
	}
	return b.Dataset.ID(i)
}

func (b broken) Content(i int) ([]byte, error) {
	if i == 3 {
		return []byte{1}, nil
	}
	return b.Dataset.Content(i)
}

func (b broken) Decode(content []byte) (*images.RGB, error) {
	if len(content) == 1 {
		return nil, errors.New("unreadable")
	}
	return b.Dataset.Decode(content)
}

// Without the environment, the error says how to install it.
func TestWithoutOpenCV(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := Make(t.Context(), Options{Dataset: images.Generated(4, 3), Base: 1, Learn: 1, Queries: 1})
	if err == nil || !strings.Contains(err.Error(), "make sift") {
		t.Errorf("error %v", err)
	}
}

func TestLookup(t *testing.T) {
	v, err := ann.NewBytes(4, 2, []uint8{3, 1, 0, 9, 3, 0, 255, 255})
	if err != nil {
		t.Fatal(err)
	}
	l := newLookup(v)
	for _, c := range []struct {
		row  []uint8
		want bool
	}{
		{[]uint8{3, 1}, true}, {[]uint8{0, 9}, true}, {[]uint8{255, 255}, true},
		{[]uint8{0, 8}, false}, {[]uint8{3, 2}, false}, {[]uint8{0, 0}, false},
	} {
		if got := l.has(c.row); got != c.want {
			t.Errorf("%v: %v", c.row, got)
		}
	}
}
