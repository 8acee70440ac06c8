package live

import "testing"

// A condition that is accepted is a whole: it stays one between parentheses.
func FuzzCheckCondition(f *testing.F) {
	for _, filter := range []string{"a = 'it''s'", "(a)", ")", "a -- b", "$x$ ; $x$", "e'\\''", "\"a\"\"b\" = 1", "1; 2"} {
		f.Add(filter)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		if CheckCondition(filter) != nil {
			return
		}
		if CheckCondition("("+filter+") AND ("+filter+")") != nil {
			t.Errorf("%q", filter)
		}
	})
}
