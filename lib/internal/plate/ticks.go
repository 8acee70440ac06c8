package plate

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
)

// EveryMultiple returns a ticker that labels the multiples of step.
func EveryMultiple(step float64) plot.Ticker {
	return plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
		for i := int(math.Ceil(low/step - 1e-9)); float64(i) <= high/step+1e-9; i++ {
			ticks = append(ticks, plot.Tick{Value: float64(i) * step, Label: fmt.Sprintf("%.6g", float64(i)*step)})
		}
		return ticks
	})
}

// RoundTicks labels four to ten multiples of 1, 2 or 5 times a power of ten.
var RoundTicks = plot.TickerFunc(func(low, high float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/4)))
	for _, m := range []float64{5, 2} {
		if (high-low)/(m*step) >= 4 {
			step *= m
			break
		}
	}
	return EveryMultiple(step).Ticks(low, high)
})

// Decades125 labels 1, 2 and 5 times the powers of ten on an axis of common logarithms. It is used instead of plot.LogScale,
// with which gonum v0.17 reserves the space of the axis title in the wrong place.
var Decades125 = plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
	for e := math.Floor(low); e <= high; e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := e + math.Log10(m); v >= low-1e-9 && v <= high+1e-9 {
				ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprintf("%.6g", m*math.Pow(10, e))})
			}
		}
	}
	return ticks
})

// Doublings labels the powers of two on an axis of common logarithms.
var Doublings = plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
	for e := math.Ceil(low/math.Log10(2) - 1e-9); e*math.Log10(2) <= high+1e-9; e++ {
		ticks = append(ticks, plot.Tick{Value: e * math.Log10(2), Label: fmt.Sprintf("%.6g", math.Exp2(e))})
	}
	return ticks
})

// FewOrManyDecades labels an axis of common logarithms with Decades125 over less than two decades, else with LogTicks(Powers).
var FewOrManyDecades = plot.TickerFunc(func(low, high float64) []plot.Tick {
	if high-low < 2 {
		return Decades125(low, high)
	}
	return LogTicks(Powers).Ticks(low, high)
})

// LogTicks returns a ticker that labels at most seven powers of ten on an axis of common logarithms.
func LogTicks(label func(exponent int) string) plot.Ticker {
	return plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
		step := max(1, int(math.Ceil((high-low)/6)))
		for e := int(math.Ceil(low - 1e-9)); float64(e) <= high+1e-9; e++ {
			if e%step == 0 {
				ticks = append(ticks, plot.Tick{Value: float64(e), Label: label(e)})
			}
		}
		return ticks
	})
}

// Percents returns the power of ten as a percentage: 100 %, 10 %, 0.1 %.
func Percents(exponent int) string { return fmt.Sprintf("%.6g %%", math.Pow(10, float64(exponent+2))) }

// Powers returns the power of ten as a number: 1, 10, 100, 1000, 1e6.
func Powers(exponent int) string {
	if exponent > 4 || exponent < -3 {
		return fmt.Sprintf("1e%d", exponent)
	}
	return fmt.Sprintf("%.6g", math.Pow(10, float64(exponent)))
}
