package figure

import (
	"html"
	"strings"

	"github.com/go-gota/gota/dataframe"
)

// HTML renders a data frame as a table, its first line the names of the columns.
func HTML(df dataframe.DataFrame) (string, error) {
	if df.Err != nil {
		return "", df.Err
	}
	var b strings.Builder
	b.WriteString(`<table style="font-variant-numeric: tabular-nums">`)
	cell := "th"
	for _, row := range df.Records() {
		b.WriteString("<tr>")
		for _, text := range row {
			b.WriteString("<" + cell + ">" + html.EscapeString(text) + "</" + cell + ">")
		}
		b.WriteString("</tr>\n")
		cell = "td"
	}
	b.WriteString("</table>")
	return b.String(), nil
}
