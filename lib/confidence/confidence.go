// Package confidence computes confidence bounds that hold for every number of samples, not only for large ones.
//
// The recalls of an index near its target are skewed: most are 1 and a few are far below. Bounds from the normal
// distribution and from the bootstrap are then too narrow. Those of this package need only independent values in [0, 1].
//
// A test of the mean by betting gives the bounds of a mean (I. Waudby-Smith and A. Ramdas, Estimating means of bounded random
// variables by betting, Journal of the Royal Statistical Society B 86, 2024, section 4; the bets are a fixed mixture, as in
// their section B). For values X ≥ 0 with the mean m, and weights w(θ) that add up to 1, the product of 1 − θ + θ·X/m over
// the values, averaged over θ by w, is not negative and has the mean 1. By Markov's inequality it is at least 1/α with a
// probability of at most α. The lower bound is the smallest m at which it is below 1/α.
//
// The bound has two properties on which package advise relies. It does not depend on the order of the values, and it never
// decreases when a value increases. So it stays valid for the smallest efSearch whose bound reaches a target, although that
// efSearch is chosen by the same values: it is chosen too small only if the bound for the largest efSearch that does not
// reach the target is wrong.
package confidence

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Mean returns a confidence interval of the mean of the distribution that independent values in [0, 1] are drawn from. The
// interval contains the mean with a probability of at least level, for every number of values, and always contains their own
// mean. It is an error if there are no values, if one is outside [0, 1] or not a number, or if level is not between 0 and 1.
func Mean(values []float64, level float64) (low, high float64, err error) {
	if err := check(values, level); err != nil {
		return 0, 0, err
	}
	alpha := (1 - level) / 2
	missing := make([]float64, len(values))
	for i, v := range values {
		missing[i] = 1 - v
	}
	return lower(values, alpha), 1 - lower(missing, alpha), nil
}

// LowerMean returns a lower confidence bound of the mean of the distribution that independent values in [0, 1] are drawn
// from: the mean is not below the bound with a probability of at least level. The errors are those of Mean.
func LowerMean(values []float64, level float64) (float64, error) {
	if err := check(values, level); err != nil {
		return 0, err
	}
	return lower(values, 1-level), nil
}

func check(values []float64, level float64) error {
	if len(values) == 0 {
		return errors.New("a confidence interval needs at least one value")
	}
	for i, v := range values {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("value %d is %v: must be in [0, 1]", i, v)
		}
	}
	return checkLevel(level)
}

func checkLevel(level float64) error {
	if !(level > 0 && level < 1) {
		return fmt.Errorf("level = %v: must be between 0 and 1", level)
	}
	return nil
}

// bet is a value of θ with the logarithm of its weight.
type bet struct{ theta, logWeight float64 }

// bets returns θ = 1, 1/2, 1/4, … down to 1/n. The weight of 2^−j is proportional to 1/((j+1)(j+2)). Large θ suit values that
// are nearly all equal to the largest possible mean, small θ others.
func bets(n int) []bet {
	last := int(math.Ceil(math.Log2(float64(n))))
	total := 1 - 1/float64(last+2)
	all := make([]bet, last+1)
	for j := range all {
		all[j] = bet{theta: math.Ldexp(1, -j), logWeight: -math.Log(float64((j+1)*(j+2)) * total)}
	}
	return all
}

// counted is a value and how many values are equal to it.
type counted struct{ value, count float64 }

// tally returns the distinct values, in increasing order.
func tally(values []float64) (of []counted) {
	for _, v := range slices.Sorted(slices.Values(values)) {
		if len(of) == 0 || of[len(of)-1].value != v {
			of = append(of, counted{value: v})
		}
		of[len(of)-1].count++
	}
	return of
}

// lower returns the lower bound of the mean that is wrong with a probability of at most alpha.
func lower(values []float64, alpha float64) float64 {
	of, with := tally(values), bets(len(values))
	sum := 0.
	for _, c := range of {
		sum += float64(c.value * c.count)
	}
	low, high := 0., min(sum/float64(len(values)), 1)
	for range 52 {
		mean := low + float64((high-low)/2)
		if mean <= low || mean >= high {
			break
		}
		if logCapital(of, with, mean) >= -math.Log(alpha) {
			low = mean
		} else {
			high = mean
		}
	}
	return low
}

// logCapital returns the logarithm of the averaged product under the hypothesis that the mean is m. It decreases with m.
func logCapital(of []counted, with []bet, m float64) float64 {
	logs, most := make([]float64, len(with)), math.Inf(-1)
	for i, b := range with {
		logs[i] = b.logWeight
		for _, c := range of {
			logs[i] += float64(c.count * math.Log(1-b.theta+b.theta*c.value/m))
		}
		most = max(most, logs[i])
	}
	sum := 0.
	for _, l := range logs {
		sum += math.Exp(l - most)
	}
	return most + math.Log(sum)
}

// Needed returns the smallest number of values with which LowerMean reaches target if all values are 1: with fewer values no
// bound reaches it. It is an error if target is not in [0, 1), since no number of values suffices for 1.
func Needed(target, level float64) (int, error) {
	if err := checkLevel(level); err != nil {
		return 0, err
	}
	if !(target >= 0 && target < 1) {
		return 0, fmt.Errorf("target = %v: no number of values bounds it from below; must be at least 0 and below 1", target)
	}
	return smallest(func(n int) bool {
		return logCapital([]counted{{value: 1, count: float64(n)}}, bets(n), target) >= -math.Log(1-level)
	}), nil
}

// smallest returns the smallest n ≥ 1 from which on holds is true.
func smallest(holds func(n int) bool) int {
	high := 1
	for !holds(high) {
		high *= 2
	}
	low := high / 2
	for high-low > 1 {
		if middle := low + (high-low)/2; holds(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// Share returns a confidence interval of a probability of which there were successes in n independent trials (C. J. Clopper
// and E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial, Biometrika 26, 1934).
// It contains the probability with a probability of at least level. It is an error if n is below 1, if successes are not in 0
// to n, or if level is not between 0 and 1.
func Share(successes, n int, level float64) (low, high float64, err error) {
	if err := checkTrials(successes, n, level); err != nil {
		return 0, 0, err
	}
	alpha := (1 - level) / 2
	return lowerShare(successes, n, alpha), 1 - lowerShare(n-successes, n, alpha), nil
}

// LowerShare returns the lower bound of Clopper and Pearson: the probability is not below it with a probability of at least
// level. The errors are those of Share.
func LowerShare(successes, n int, level float64) (float64, error) {
	if err := checkTrials(successes, n, level); err != nil {
		return 0, err
	}
	return lowerShare(successes, n, 1-level), nil
}

// NeededShare returns the smallest number of trials with which LowerShare reaches target if all are successes. The errors are
// those of Needed.
func NeededShare(target, level float64) (int, error) {
	if err := checkLevel(level); err != nil {
		return 0, err
	}
	if !(target >= 0 && target < 1) {
		return 0, fmt.Errorf("target = %v: no number of trials bounds it from below; must be at least 0 and below 1", target)
	}
	return smallest(func(n int) bool { return lowerShare(n, n, 1-level) >= target }), nil
}

func checkTrials(successes, n int, level float64) error {
	if n < 1 || successes < 0 || successes > n {
		return fmt.Errorf("%d successes of %d trials: must be in 0 to the number of trials, which must be at least 1", successes, n)
	}
	return checkLevel(level)
}

func lowerShare(successes, n int, alpha float64) float64 {
	switch successes {
	case 0:
		return 0
	case n:
		return math.Pow(alpha, 1/float64(n))
	}
	return distuv.Beta{Alpha: float64(successes), Beta: float64(n - successes + 1)}.Quantile(alpha)
}
