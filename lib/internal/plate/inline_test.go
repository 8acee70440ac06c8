package plate

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

// An inline drawing is one well-formed svg element without fonts and fixed size, and with all text of the drawing. Its colours
// are variables.
func TestWriteInline(t *testing.T) {
	d := twoPanels().Drawing()
	var b bytes.Buffer
	if err := d.WriteInline(&b, `a "b" <c>`); err != nil {
		t.Fatal(err)
	}
	svg := b.String()
	for _, want := range []string{`<svg viewBox="0 0 `, `aria-label="a &#34;b&#34; &lt;c&gt;"`, "var(--c", "currentColor"} {
		if !strings.Contains(svg, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if found := regexp.MustCompile(`<\?xml|<style|@font-face|http:|(fill|stroke):#|font-variant|width="[0-9.]+pt"`).FindString(svg); found != "" {
		t.Errorf("the element holds %q", found)
	}
	var text strings.Builder
	roots, depth := 0, 0
	for decoder := xml.NewDecoder(&b); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth == 1 {
				roots++
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			text.Write(token)
		}
	}
	if roots != 1 || depth != 0 {
		t.Errorf("%d elements", roots)
	}
	for _, line := range d.Text() {
		if !strings.Contains(text.String(), line.String) {
			t.Errorf("the text lacks %q", line.String)
		}
	}
}
