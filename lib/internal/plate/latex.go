package plate

import (
	"regexp"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

var (
	latexSymbols = strings.NewReplacer(
		`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `$`, `\$`, `&`, `\&`, `#`, `\#`, `%`, `\%`, `_`, `\_`, `~`, `\textasciitilde{}`, `^`, `\textasciicircum{}`,
		`<`, `\textless{}`, `>`, `\textgreater{}`, `"`, `''`, `|`, `\textbar{}`, " %", `\,\%`, "–", "--", "·", `$\cdot$`, "×", `$\times$`, "≥", `$\geq$`, "≤", `$\leq$`, "\n", " ")
	latexVariables = strings.NewReplacer("alpha", `$\alpha$`, "k", "$k$")
	variable       = regexp.MustCompile(`\b(k|alpha)\b`)
)

// LaTeX returns text with its special characters escaped for LaTeX and with the variables k and alpha in math mode. A character
// outside Windows-1252, the character set of drawings, becomes "?".
func LaTeX(text string) string {
	text = strings.Map(func(r rune) rune {
		if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
			return '?'
		}
		return r
	}, latexSymbols.Replace(text))
	return variable.ReplaceAllStringFunc(text, latexVariables.Replace)
}
