package storage

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// nan returns a copy of vectors with a number that is not finite in row 3.
func nan(c ann.Coordinates, x float64) ann.Coordinates {
	c = ann.Coordinates{N: c.N, D: c.D, Floats: append([]float32{}, c.Vectors().Data...)}
	c.Floats[3*c.D+1] = float32(x)
	return c
}

// Bad input is an error before anything is built, and leaves nothing in the folder.
func TestBadInput(t *testing.T) {
	for what, c := range map[string]struct {
		change func(o *Options)
		says   []string
	}{
		"other dimension":      {func(o *Options) { o.Learn = clustered(500, 8, false, 2) }, []string{"learn queries", "8", "16"}},
		"NaN in the base":      {func(o *Options) { o.Base = nan(o.Base, math.NaN()) }, []string{"base", "NaN"}},
		"Inf in the learn set": {func(o *Options) { o.Learn = nan(o.Learn, math.Inf(1)) }, []string{"learn queries", "Inf"}},
		"wrong length":         {func(o *Options) { o.Base.Bytes = o.Base.Bytes[1:] }, []string{"base", "31999"}},
		"fewer than clusters":  {func(o *Options) { o.Clusters = 2001 }, []string{"kmeans", "2001", "2000"}},
		"one cluster":          {func(o *Options) { o.Clusters = 1 }, []string{"cluster", "at least 2"}},
		"too little memory":    {func(o *Options) { o.Clusters, o.Memory = 0, .01 }, []string{"0.01 bytes", "too few"}},
		"few learn queries":    {func(o *Options) { o.Learn = o.Learn.Slice(0, 99) }, []string{"99 learn queries", "too few"}},
		"all learn in base":    {func(o *Options) { o.Learn = o.Base }, []string{"learn queries", "all of the 2000"}},
		"k of more than all":   {func(o *Options) { o.Ks = []int{1, 2001} }, []string{"k = 2001", "2000"}},
		"k = 0":                {func(o *Options) { o.Ks = []int{0} }, []string{"k = 0"}},
		"memory of pages":      {func(o *Options) { o.Way, o.Memory = "pages", 4 }, []string{"pages", "no choice of memory"}},
		"unknown way":          {func(o *Options) { o.Way = "magic" }, []string{`"magic"`, "kmeans", "router"}},
		"a network and no memory": {func(o *Options) { o.Way, o.Clusters, o.Memory = "router", 0, .001 },
			[]string{"router", "0.001 bytes", "too few"}},
	} {
		o := options(t, false)
		c.change(&o)
		_, err := Build(context.Background(), o)
		testkit.WantMentions(t, what, err, c.says...)
		if left := entries(o.Out); len(left) > 0 {
			t.Errorf("%s: left %v", what, left)
		}
	}
}

// entries returns the names in a folder.
func entries(folder string) (names []string) {
	all, _ := os.ReadDir(folder) // a missing folder is empty
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

// Learn queries that are base vectors are left out and counted.
func TestLearnInBase(t *testing.T) {
	o := options(t, false)
	o.Base = nan(o.Base, 0) // float32
	o.Base.Floats[0] = float32(math.Copysign(0, -1))
	for i := range 30 {
		copy(o.Learn.Bytes[10*i*dimensions:(10*i+1)*dimensions], clustered(30, dimensions, false, 1).Slice(i, i+1).Bytes)
	}
	o.Learn.Bytes[0] = 0
	d := built(t, o)
	if d.LearnInBase != 30-1 || d.Learn+d.Calibrated != 500-29 { // row 3 of the base was changed
		t.Errorf("%d in the base, %d and %d left", d.LearnInBase, d.Learn, d.Calibrated)
	}
}

// A search that is not possible is an error.
func TestBadSearches(t *testing.T) {
	o := options(t, true)
	d := built(t, o)
	x := opened(t, o.Out)
	queries := clustered(5, dimensions, true, 5)
	for what, c := range map[string]struct {
		queries ann.Coordinates
		k       int
		recall  float64
		says    []string
	}{
		"other dimension":      {clustered(5, 8, true, 5), 1, .9, []string{"8 dimensions", "16"}},
		"NaN":                  {nan(queries, math.NaN()), 1, .9, []string{"query 3", "NaN"}},
		"k = 0":                {queries, 0, .9, []string{"k = 0"}},
		"k below 0":            {queries, -1, .9, []string{"k = -1"}},
		"k of more than all":   {queries, 2001, .9, []string{"k = 2001", "2000"}},
		"k is not calibrated":  {queries, 11, .9, []string{"k = 11", "-ks"}},
		"recall 0":             {queries, 1, 0, []string{"recall 0"}},
		"recall above 1":       {queries, 1, 1.01, []string{"recall 1.01"}},
		"recall is not number": {queries, 1, math.NaN(), []string{"recall NaN"}},
	} {
		_, err := x.SearchAll(context.Background(), c.queries, SearchOptions{K: c.k, Recall: c.recall})
		testkit.WantMentions(t, what, err, c.says...)
	}
	for i := range d.Calibration {
		d.Calibration[i].Efforts = d.Calibration[i].Efforts[:1]
	}
	if _, _, err := d.calibration(10, 1); !errors.Is(err, ErrRecall) {
		t.Errorf("recall not reached: %v", err)
	}
	if text := d.Summary(); !strings.Contains(text, "recall@10 of 0.99: ") || !strings.Contains(text, ErrRecall.Error()) {
		t.Errorf("a recall that is not reached: %s", text)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.SearchAll(ctx, queries, SearchOptions{K: 1, Recall: .9}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	if _, err := x.SearchAll(context.Background(), queries, SearchOptions{K: 1, Recall: .9}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// Build replaces an index only on demand, and no other files.
func TestFolderOfTheIndex(t *testing.T) {
	o := options(t, false)
	built(t, o)
	whole := files(t, o.Out)
	_, err := Build(context.Background(), o)
	testkit.WantMentions(t, "without -replace", err, o.Out, "-replace")
	o.Seed++
	if built(t, withReplace(o)); files(t, o.Out)[orderFile] == whole[orderFile] {
		t.Error("the index was not replaced")
	}
	write(t, filepath.Join(o.Out, indexFile), "{}")
	_, err = Build(context.Background(), withReplace(o))
	testkit.WantMentions(t, "a foreign index.json", err, indexFile, "not replaced")
	for _, name := range []string{"notes.txt", "vectors.bin", "x.tmp", "parts"} {
		o := options(t, false)
		if err := os.MkdirAll(o.Out, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(o.Out, name), "mine")
		_, err := Build(context.Background(), withReplace(o))
		testkit.WantMentions(t, name, err, o.Out, name)
		wantFiles(t, name, o.Out, map[string]string{name: "mine"})
	}
	o = options(t, false)
	o.Out = filepath.Join(o.Out, "file")
	write(t, filepath.Dir(o.Out), "a file")
	_, err = Build(context.Background(), o)
	testkit.WantMentions(t, "a file is in the way", err, filepath.Dir(o.Out))
}

func withReplace(o Options) Options { o.Replace = true; return o }

// Two processes do not build in one folder at the same time.
func TestTwoBuilders(t *testing.T) {
	o := options(t, false)
	s, err := openStage(o.Out, false)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Build(context.Background(), o)
	testkit.WantMentions(t, "locked", err, "another process", o.Out)
	s.close()
	built(t, o)
}
