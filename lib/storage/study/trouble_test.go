package study

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// checkDamage changes and shortens every part: an error that names it, and the part is kept.
func checkDamage(t *testing.T, o Options) {
	for name := range storedParts(t, o) {
		if strings.HasPrefix(name, "nearest10") {
			continue // read after a training
		}
		path := filepath.Join(o.Out, "parts", "storage", name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// The IDs are not read while the rows of the network are stored.
		rows, err := filepath.Glob(filepath.Join(o.Out, "parts", "storage", "network*.rows"))
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		if strings.HasSuffix(name, ".ids") {
			if err := os.Rename(rows[0], rows[0]+".aside"); err != nil {
				t.Fatal(err)
			}
		}
		changed := slices.Clone(whole)
		changed[len(whole)/2] ^= 4
		for what, content := range map[string][]byte{"changed": changed, "shorter": whole[:len(whole)*2/3], "empty": nil} {
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Run(context.Background(), o)
			testkit.WantMentions(t, what, err, path)
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, content) {
				t.Errorf("%s: %s was replaced (%v)", what, name, err)
			}
		}
		if strings.HasSuffix(name, ".ids") {
			if err := os.Rename(rows[0]+".aside", rows[0]); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Queries and learn queries that are base vectors are left out and named.
func TestQueriesInTheBase(t *testing.T) {
	o := small(t)
	var progress bytes.Buffer
	o.Progress = &progress
	for _, row := range []int{5, 17} {
		copy(o.Queries.Bytes[row*dimensions:], o.Base.Bytes[:dimensions])
	}
	copy(o.Learn.Bytes[8*dimensions:], o.Base.Bytes[:12*dimensions])
	s, err := open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	want := "12 of 300 learn queries are base vectors and are left out: rows 8 9 10 11 12 13 14 15 16 17 …\n" +
		"2 of 40 queries are base vectors and are left out: rows 5 17\n"
	if progress.String() != want || s.Queries.N != 38 || s.Learn.N+s.held.N != 288 || s.held.N != 28 {
		t.Errorf("%s%d queries, %d + %d learn queries", &progress, s.Queries.N, s.Learn.N, s.held.N)
	}
}

func TestErrors(t *testing.T) {
	for what, c := range map[string]struct {
		change func(o *Options)
		says   []string
	}{
		"other dimension":   {func(o *Options) { o.Queries.D, o.Queries.N = 4, 80 }, []string{"queries", "4", "8"}},
		"NaN":               {func(o *Options) { o.Learn = nan(o.Learn) }, []string{"learn queries", "NaN"}},
		"NaN in the base":   {func(o *Options) { o.Base = nan(o.Base) }, []string{"base", "NaN"}},
		"few base vectors":  {func(o *Options) { o.Base = o.Base.Slice(0, 9) }, []string{"9 base vectors"}},
		"few learn queries": {func(o *Options) { o.Learn = o.Learn.Slice(0, 9) }, []string{"9 learn queries"}},
		"queries of base":   {func(o *Options) { o.Queries = o.Base.Slice(3, 9) }, []string{"all of the 6 queries"}},
		"few for clusters":  {func(o *Options) { o.Plan.Networks[0].Units = 701 }, []string{"701", "700"}},
		"no queries":        {func(o *Options) { o.Queries = ann.Coordinates{D: dimensions} }, []string{"queries"}},
	} {
		o := small(t)
		c.change(&o)
		_, err := Run(context.Background(), o)
		testkit.WantMentions(t, what, err, c.says...)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, small(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// nan returns a copy with a number that is NaN.
func nan(c ann.Coordinates) ann.Coordinates {
	v := c.Vectors().Coordinates()
	v.Floats[11] = float32(math.NaN())
	return v
}

// Parts of other settings are not used.
func TestKeys(t *testing.T) {
	o := small(t)
	s, err := open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for what, change := range map[string]func(s *session){
		"the same": func(*session) {}, "data": func(s *session) { s.Data = "other" }, "source": func(s *session) { s.LearnSource = "other" },
		"queries": func(s *session) { s.Plan.Queries++ }, "learn": func(s *session) { s.Plan.Learn++ }, "vectors": func(s *session) { s.data = "x" },
	} {
		other := *s
		change(&other)
		key := other.key(other.way("balanced", 700, 2, 5))
		if before, known := keys[key]; known {
			t.Errorf("%s and %s have one key", what, before)
		}
		keys[key] = what
	}
}
