package testkit

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
)

// within is the maximum relative difference between numbers of equal answers, which different processors may compute.
const within = 1e-5

// same reports whether two answers are equal: numbers in JSON up to rounding, everything else exactly.
func same(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && sameJSON(x, y)
}

// sameJSON reports whether two values are equal. It compares strings that are numbers as numbers.
func sameJSON(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		for key := range a {
			ok = ok && sameJSON(a[key], b[key])
		}
		return ok && len(a) == len(b)
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			ok = ok && sameJSON(a[i], b[i])
		}
		return ok
	case string:
		b, ok := b.(string)
		x, errA := strconv.ParseFloat(a, 64)
		y, errB := strconv.ParseFloat(b, 64)
		return ok && (a == b || errA == nil && errB == nil && near(x, y))
	case float64:
		b, ok := b.(float64)
		return ok && near(a, b)
	}
	return a == b
}

func near(x, y float64) bool {
	return x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= within*math.Max(math.Abs(x), math.Abs(y))
}
