package figure

import (
	"html"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// HTML returns a data frame as an HTML table. The first row has the names of the columns. Text is aligned to the left, numbers
// to the right.
func HTML(df dataframe.DataFrame) (string, error) {
	if df.Err != nil {
		return "", df.Err
	}
	var b strings.Builder
	b.WriteString(`<table style="font-variant-numeric: tabular-nums">`)
	cell, types := "th", df.Types()
	for _, row := range df.Records() {
		b.WriteString("<tr>")
		for i, text := range row {
			side := "right"
			if types[i] == series.String {
				side = "left"
			}
			b.WriteString("<" + cell + ` style="text-align: ` + side + `">` + html.EscapeString(text) + "</" + cell + ">")
		}
		b.WriteString("</tr>\n")
		cell = "td"
	}
	b.WriteString("</table>")
	return b.String(), nil
}
