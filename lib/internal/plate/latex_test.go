package plate

import "testing"

func TestLaTeX(t *testing.T) {
	for text, want := range map[string]string{
		`50 % of "a_b" & {c}`: `50\,\% of ''a\_b'' \& \{c\}`,
		`at k = 5, alpha · k`: `at $k$ = 5, $\alpha$ $\cdot$ $k$`,
		`k-NN 1–2 #3 $4 ^~\`:  `$k$-NN 1--2 \#3 \$4 \textasciicircum{}\textasciitilde{}\textbackslash{}`,
		`risk`:                `risk`,
	} {
		if got := LaTeX(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
