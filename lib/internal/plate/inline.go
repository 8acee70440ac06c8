package plate

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

var (
	inlineColor  = regexp.MustCompile(`(fill|stroke):(#[0-9A-F]{6})`)
	inlineFamily = regexp.MustCompile(`font-family:[^;"]*;font-variant:[^;"]*;font-weight:[^;"]*;font-style:[^;"]*;?`)
)

// WriteInline writes the drawing as an svg element for an HTML page. The element has the width that the page gives it, the
// description for readers who do not see it, and no font: its text takes a font as wide as Sans from those that readers have.
// Black is the page's colour of text. Every other colour is a CSS variable, such as --c0072b2 for #0072b2, whose default is the colour
// itself, so that a page can replace it.
func (d *Drawing) WriteInline(w io.Writer, description string) error {
	c := vgsvg.NewWith(vgsvg.UseWH(d.Width, d.Height))
	d.draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	start := bytes.Index(b.Bytes(), []byte(">\n<g")) // the end of the svg tag
	if start < 0 {
		return fmt.Errorf("plate: gonum/plot wrote another form of SVG: %.300s", b.Bytes())
	}
	body := inlineFamily.ReplaceAllString(string(correctSVG(b.Bytes()[start+1:])), "")
	body = inlineColor.ReplaceAllStringFunc(body, func(found string) string {
		property, color, _ := strings.Cut(found, ":")
		if color == "#000000" {
			return property + ":currentColor"
		}
		return fmt.Sprintf("%s:var(--c%s,%s)", property, strings.ToLower(color[1:]), color)
	})
	_, err := fmt.Fprintf(w, `<svg viewBox="0 0 %.5g %.5g" role="img" aria-label="%s" fill="currentColor" font-family="Liberation Sans,Arial,Helvetica,sans-serif">%s`,
		d.Width.Points(), d.Height.Points(), html.EscapeString(description), body)
	return err
}
