package figure

import (
	"fmt"
	"strings"

	"anncapacity/lib/internal/plate"
)

// latex returns the LaTeX file of the drawn figures. Each is included at its own size, so that its text keeps its size in
// points, with its caption below.
func (x Export) latex(drawn []drawing) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%% Written by: %s\n", strings.Join(strings.Fields(x.Command), " "))
	b.WriteString(latexMark + " \\usepackage[T1]{fontenc}. From another\n% folder, say first where this one is:\n" +
		"%   \\newcommand{\\anncapacityfigures}{path/of/this/folder}\n" +
		"%   \\input{\\anncapacityfigures/figures}\n")
	fmt.Fprintf(&b, "%% Widths are those of the text of a column (%.1f in) and of a page (%.1f in).\n", plate.SingleColumn/72, plate.DoubleColumn/72)
	b.WriteString("\\providecommand{\\anncapacityfigures}{.}\n")
	for _, d := range drawn {
		environment := "figure"
		if d.wide {
			environment = "figure*"
		}
		fmt.Fprintf(&b, "\n\\begin{%s}[tp]\n  \\centering\n  \\includegraphics{\\anncapacityfigures/%s.pdf}\n  \\caption{%s Data: %s.}\n  \\label{fig:%[2]s}\n\\end{%[1]s}\n",
			environment, d.Name, plate.LaTeX(d.caption), plate.LaTeX(x.About.source()))
	}
	return b.String()
}
