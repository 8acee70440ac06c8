package notebook

import (
	"bytes"
	"image"
	"image/png"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"anncapacity/lib/figure"
	"anncapacity/lib/internal/table"
)

// What a Show function shows has arrived when it returns, even if the cell's program ends at once. Outside of a notebook
// nothing is shown.

// dotsPerPixel makes an inch of a figure, 300 dots, 150 pixels of the page: the smallest text of print, 7 points, is as
// high there as the text around it, and a figure of two columns fits.
const dotsPerPixel = 2

// ShowFigure shows a figure, at the same scale whatever its width.
func ShowFigure(f *figure.Figure) error {
	data, err := f.PNG()
	if err != nil {
		return err
	}
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return err
	}
	if !gonbui.IsNotebook {
		return nil
	}
	gonbui.SendData(&protocol.DisplayData{
		Data:     map[protocol.MIMEType]any{protocol.MIMEImagePNG: data},
		Metadata: map[string]any{string(protocol.MIMEImagePNG): map[string]int{"width": size.Width / dotsPerPixel}},
	})
	return arrived()
}

// ShowPicture shows a picture, each of its pixels as one of the page.
func ShowPicture(p image.Image) error {
	if err := gonbui.DisplayImage(p); err != nil {
		return err
	}
	return arrived()
}

// ShowRows shows rows, structs of words and numbers whose csv tags name the columns, as a table.
func ShowRows[R any](rows []R) error { return ShowTable(table.Frame(rows)) }

// ShowTable shows a data frame.
func ShowTable(df dataframe.DataFrame) error {
	html, err := figure.HTML(df)
	if err != nil {
		return err
	}
	gonbui.DisplayHtml(html)
	return arrived()
}

// ShowText shows a text in Markdown.
func ShowText(markdown string) error {
	gonbui.DisplayMarkdown(markdown)
	return arrived()
}

// ShowList shows sentences as a list.
func ShowList(sentences []string) error {
	return ShowText("* " + strings.Join(sentences, "\n* "))
}

func arrived() error {
	gonbui.Sync()
	return gonbui.Error()
}
