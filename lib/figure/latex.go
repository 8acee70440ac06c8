package figure

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// latex is the LaTeX file of the drawn figures: each in its own size, so that its text keeps its points, over its caption.
func (x Export) latex(drawn []drawing) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%% Written by: %s\n", strings.Join(strings.Fields(x.Command), " "))
	b.WriteString(latexMark + " \\usepackage[T1]{fontenc}. From another\n% folder, say first where this one is:\n" +
		"%   \\newcommand{\\anncapacityfigures}{path/of/this/folder}\n" +
		"%   \\input{\\anncapacityfigures/figures}\n")
	fmt.Fprintf(&b, "%% Widths are those of the text of a column (%.1f in) and of a page (%.1f in).\n", SingleColumn/72, DoubleColumn/72)
	b.WriteString("\\providecommand{\\anncapacityfigures}{.}\n")
	for _, d := range drawn {
		environment := "figure"
		if d.wide {
			environment = "figure*"
		}
		fmt.Fprintf(&b, "\n\\begin{%s}[tp]\n  \\centering\n  \\includegraphics{\\anncapacityfigures/%s.pdf}\n  \\caption{%s Data: %s.}\n  \\label{fig:%[2]s}\n\\end{%[1]s}\n",
			environment, d.Name, latexText(d.caption), latexText(x.About.source()))
	}
	return b.String()
}

var (
	latexSymbols = strings.NewReplacer(
		`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `$`, `\$`, `&`, `\&`, `#`, `\#`, `%`, `\%`, `_`, `\_`, `~`, `\textasciitilde{}`, `^`, `\textasciicircum{}`,
		`<`, `\textless{}`, `>`, `\textgreater{}`, `"`, `''`, `|`, `\textbar{}`, " %", `\,\%`, "–", "--", "·", `$\cdot$`, "×", `$\times$`, "≥", `$\geq$`, "≤", `$\leq$`, "\n", " ")
	latexVariables = strings.NewReplacer("alpha", `$\alpha$`, "k", "$k$")
	variable       = regexp.MustCompile(`\b(k|alpha)\b`)
)

// latexText writes a text for LaTeX, its variables in italics. A character that pdfLaTeX has no letter for, as the figures
// have none, becomes "?".
func latexText(text string) string {
	text = strings.Map(func(r rune) rune {
		if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
			return '?'
		}
		return r
	}, latexSymbols.Replace(text))
	return variable.ReplaceAllStringFunc(text, latexVariables.Replace)
}
