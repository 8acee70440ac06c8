package stop

import (
	"context"
	"math"
	"testing"

	"anncapacity/lib/internal/testkit"
)

func TestSweepErrors(t *testing.T) {
	for what, c := range map[string]struct {
		change func(s *Setting)
		says   string
	}{
		"no queries":  {func(s *Setting) { s.Queries.N, s.Truth = 0, nil }, "no queries"},
		"fewer lists": {func(s *Setting) { s.Truth = s.Truth[:3] }, "neighbours of 3"},
		"short list":  {func(s *Setting) { s.Truth[7] = s.Truth[7][:4] }, "query 7"},
		"k = 0":       {func(s *Setting) { s.K = 0 }, "0 neighbours"},
		"a number is not one": {func(s *Setting) {
			s.Queries = s.Queries.Vectors().Coordinates()
			s.Queries.Floats[20] = float32(math.NaN())
		}, "NaN"},
	} {
		s, _ := setting(t, 5)
		c.change(&s)
		_, err := Sweep(context.Background(), s, Rules)
		testkit.WantMentions(t, what, err, c.says)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s, _ := setting(t, 5)
	if _, err := Sweep(ctx, s, Rules); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}
