package confidence

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"anncapacity/lib/internal/testkit"
)

// recalls are distributions of the recall of a query, with their means. At each a query has the least recall with a small
// probability, which samples of 100 queries often miss.
var recalls = map[string]struct {
	draw func(rng *rand.Rand) float64
	mean float64
}{
	"2 % have .5":              {mixture(.02, .5, 1), 1 - .02*.5},
	"1 in 400 has 0":           {mixture(1./400, 0, 1), 1 - 1./400},
	"1 in 50 has 0 or 1":       {mixture(.02, 0, 1), .98},
	"30 % have .9":             {mixture(.3, .9, 1), .97},
	"half have 0":              {mixture(.5, 0, 1), .5},
	"multiples of .01 from .9": {func(rng *rand.Rand) float64 { return .9 + float64(rng.IntN(11))/100 }, .95},
	"all but 1 in 1000 miss":   {mixture(.999, 0, 1), .001},
}

func mixture(share, low, high float64) func(*rand.Rand) float64 {
	return func(rng *rand.Rand) float64 {
		if rng.Float64() < share {
			return low
		}
		return high
	}
}

// Among 1,000 samples of each distribution, the bounds are wrong in at most 5 % and a chance deviation of three standard
// deviations. The usual bound of a large sample, the mean minus 1.645 standard errors, is wrong far more often.
func TestCoverage(t *testing.T) {
	const samples = 1000
	allowed := .05 + 3*math.Sqrt(.05*.95/samples)
	usualFails := 0
	for name, d := range recalls {
		for _, n := range []int{30, 100, 500} {
			rng := rand.New(rand.NewPCG(uint64(n), 17))
			low, both, usual := 0, 0, 0
			values := make([]float64, n)
			for range samples {
				for i := range values {
					values[i] = d.draw(rng)
				}
				bound, err := LowerMean(values, .95)
				from, to, failed := Mean(values, .95)
				if err != nil || failed != nil {
					t.Fatal(err, failed)
				}
				mean, deviation := stat.MeanStdDev(values, nil)
				low += count(d.mean < bound)
				both += count(d.mean < from || d.mean > to)
				usual += count(d.mean < mean-1.645*deviation/math.Sqrt(float64(n)))
			}
			if float64(low)/samples > allowed || float64(both)/samples > allowed {
				t.Errorf("%s, n = %d: the bound is wrong in %d of %d samples, the interval in %d", name, n, low, samples, both)
			}
			usualFails += count(float64(usual)/samples > 2*allowed)
		}
	}
	if usualFails < 3 {
		t.Errorf("the usual bound is wrong for %d distributions only: they are too easy", usualFails)
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// The bound does not depend on the order, never decreases when a value increases, is below the mean, and approaches it: at
// 10,000 values it is as near as twice the distance of the bound of a normal distribution.
func TestBoundProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	values := make([]float64, 10000)
	for i := range values {
		values[i] = mixture(.3, .9, 1)(rng)
	}
	bound := must(LowerMean(values, .95))
	mean, deviation := stat.MeanStdDev(values, nil)
	if usual := 1.645 * deviation / 100; bound >= mean || mean-bound > 2*usual {
		t.Errorf("mean %v, bound %v, usual bound %v", mean, bound, mean-usual)
	}
	rng.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	if again := must(LowerMean(values, .95)); again != bound {
		t.Errorf("bound %v, after shuffling %v", bound, again)
	}
	few := values[:200]
	before := must(LowerMean(few, .95))
	for i := range few {
		if few[i] < 1 {
			few[i] = 1
			after := must(LowerMean(few, .95))
			if after < before {
				t.Fatalf("the bound decreases from %v to %v", before, after)
			}
			before = after
		}
	}
	if best := math.Pow(.05, 1./200); before >= best || before < best-.004 {
		t.Errorf("200 values of 1: bound %v; no bound can exceed %v", before, best)
	}
}

func TestNeeded(t *testing.T) {
	for _, target := range []float64{.5, .9, .99, .999, .9999} {
		n := must(Needed(target, .95))
		ones := make([]float64, n)
		for i := range ones {
			ones[i] = 1
		}
		if is, before := must(LowerMean(ones, .95)), must(LowerMean(ones[1:], .95)); is < target-1e-12 || before >= target {
			t.Errorf("%v: %d values give %v, one less %v", target, n, is, before)
		}
		n = must(NeededShare(target, .95))
		if is, before := must(LowerShare(n, n, .95)), must(LowerShare(n-1, n-1, .95)); is < target || before >= target {
			t.Errorf("%v: %d trials give %v, one less %v", target, n, is, before)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// SciPy gives the same intervals of a share.
func TestShareAgainstSciPy(t *testing.T) {
	if !testkit.HasPeers(t, "the intervals of SciPy", "scipy") {
		return
	}
	questions := [][3]float64{{0, 10, .95}, {10, 10, .95}, {1, 1, .9}, {9, 10, .95}, {999, 1000, .95}, {4990, 5000, .99}, {50000, 100000, .95}, {3, 7, .5}}
	file := filepath.Join(t.TempDir(), "questions.json")
	data, _ := json.Marshal(questions)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var answers [][3]float64
	if err := json.Unmarshal(testkit.Python(t, "confidence.py", file), &answers); err != nil || len(answers) != len(questions) {
		t.Fatal(err, answers)
	}
	for i, q := range questions {
		low, high, err := Share(int(q[0]), int(q[1]), q[2])
		below, failed := LowerShare(int(q[0]), int(q[1]), q[2])
		a := answers[i]
		if err != nil || failed != nil || math.Abs(low-a[0]) > 1e-9 || math.Abs(high-a[1]) > 1e-9 || math.Abs(below-a[2]) > 1e-9 {
			t.Errorf("%v: %v to %v, bound %v; SciPy %v (%v, %v)", q, low, high, below, a, err, failed)
		}
	}
}

func TestRefuses(t *testing.T) {
	fails := func(says string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", says, err)
		}
	}
	for says, values := range map[string][]float64{"at least one": nil, "value 1 is NaN": {1, math.NaN()}, "value 0 is 1.5": {1.5}, "value 2 is -1": {0, 0, -1}} {
		_, _, err := Mean(values, .95)
		fails(says, err)
		_, err = LowerMean(values, .95)
		fails(says, err)
	}
	_, err := LowerMean([]float64{1}, 1)
	fails("level = 1", err)
	_, _, err = Share(3, 2, .95)
	fails("3 successes of 2", err)
	_, err = LowerShare(0, 0, .95)
	fails("0 successes of 0", err)
	_, err = Needed(1, .95)
	fails("target = 1", err)
	_, err = NeededShare(math.NaN(), .95)
	fails("target = NaN", err)
}
