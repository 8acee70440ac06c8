package notebook

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"anncapacity/lib/figure"
	"anncapacity/lib/internal/table"
)

// A Show function returns when the display has arrived, so that the program of the cell may end at once. Outside of a notebook,
// it shows nothing.

// dotsPerPixel is the number of dots of a figure per pixel of the page. An inch of a figure, 300 dots, is shown as 150 pixels:
// its smallest text, 7 points, then has the height of the page's text, and a figure of two columns fits.
const dotsPerPixel = 2

// ShowFigure shows a figure. Figures of all widths have the same scale.
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

// ShowEntry draws a figure of figure.Catalogue from the job's results, saves it, and shows it with its findings. Where the results do not
// suffice it says why.
func (n Notebook) ShowEntry(name string, about figure.Subject) error {
	d, err := figure.DrawnOf(name, n.Results(), about)
	switch {
	case err != nil:
		return err
	case d.Missing != "":
		return ShowText("**Not drawn:** " + d.Missing + ".")
	}
	if err := errors.Join(d.Figure.Save(n.Job.Figures()), ShowFigure(d.Figure)); err != nil || len(d.Findings) == 0 {
		return err
	}
	return ShowList(d.Findings)
}

// ShowPicture shows a picture. Each of its pixels is one pixel of the page.
func ShowPicture(p image.Image) error {
	if err := gonbui.DisplayImage(p); err != nil {
		return err
	}
	return arrived()
}

// ShowRows shows rows as a table. A row is a struct of strings and numbers whose csv tags name the columns.
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

// ShowList shows sentences as a bulleted list.
func ShowList(sentences []string) error {
	return ShowText("* " + strings.Join(sentences, "\n* "))
}

func arrived() error {
	gonbui.Sync()
	return gonbui.Error()
}
