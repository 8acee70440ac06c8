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

// LaTeX writes a text for LaTeX, its variables k and alpha in italics. A character outside Windows-1252, which pdfLaTeX has no
// letter for and drawings have none of, becomes "?".
func LaTeX(text string) string {
	text = strings.Map(func(r rune) rune {
		if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
			return '?'
		}
		return r
	}, latexSymbols.Replace(text))
	return variable.ReplaceAllStringFunc(text, latexVariables.Replace)
}
