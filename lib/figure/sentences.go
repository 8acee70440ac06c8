package figure

import (
	"fmt"
	"strings"
)

// inTurn returns the values of rows as text, for example "52.1 % (efSearch 25), 71.0 % (50)".
func inTurn[R any](rows []R, parameter string, say func(R) (value string, of any)) string {
	var said []string
	for i, r := range rows {
		value, of := say(r)
		if i == 0 && parameter != "" {
			of = fmt.Sprint(parameter, " ", of)
		}
		said = append(said, fmt.Sprintf("%s (%v)", value, of))
	}
	return strings.Join(said, ", ")
}

// shareOf returns a share in percent, for example "52.1 %" for .521.
func shareOf(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

// between returns a range of shares in percent, "49.0–79.4 %", or "49.0 %" if both round to that.
func between(low, high float64) string {
	a, b := fmt.Sprintf("%.1f", 100*low), fmt.Sprintf("%.1f", 100*high)
	if a == b {
		return a + " %"
	}
	return a + "–" + b + " %"
}

// count returns a number with a noun, "1 run" or "10 runs".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

// thousands returns a number with separators, "10,000" for 10000.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
