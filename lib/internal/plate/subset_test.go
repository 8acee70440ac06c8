package plate

import (
	"bytes"
	"regexp"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	vgfont "gonum.org/v1/plot/font"
)

// The subset has the glyphs of its text with the widths of the whole font, no other letters, and a tagged name.
func TestSubsetKeepsItsGlyphs(t *testing.T) {
	const text = " 0123456789%·abcé"
	face := vgfont.DefaultCache.Lookup(Sans(8), 8)
	cut, err := subset(face, text)
	if err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := cut.WriteSourceTo(nil, &raw); err != nil {
		t.Fatal(err)
	}
	if raw.Len() > 20_000 || checksum(raw.Bytes()) != 0xB1B0AFBA {
		t.Errorf("%d bytes, checksum %x, want fewer than 20,000 and b1b0afba", raw.Len(), checksum(raw.Bytes()))
	}
	var buffer sfnt.Buffer
	if name, err := cut.Name(&buffer, sfnt.NameIDPostScript); err != nil || !regexp.MustCompile(`^[A-Z]{6}\+LiberationSans$`).MatchString(name) {
		t.Errorf("PostScript name %q (%v)", name, err)
	}
	if glyph, err := cut.GlyphIndex(&buffer, 'Z'); err != nil || glyph != 0 {
		t.Errorf("Z is glyph %d (%v), want none", glyph, err)
	}
	whole, small := newFace(t, face.Face), newFace(t, cut)
	for _, r := range text {
		wide, _ := whole.GlyphAdvance(r)
		got, ok := small.GlyphAdvance(r)
		bounds, _, _ := whole.GlyphBounds(r)
		gotBounds, _, _ := small.GlyphBounds(r)
		if !ok || got != wide || bounds != gotBounds {
			t.Errorf("%q is %v wide within %v, want %v within %v", r, got, gotBounds, wide, bounds)
		}
	}
	again, err := subset(face, text)
	var rawAgain bytes.Buffer
	if _, copyErr := again.WriteSourceTo(nil, &rawAgain); err != nil || copyErr != nil || !bytes.Equal(raw.Bytes(), rawAgain.Bytes()) {
		t.Error("the same text gave another subset")
	}
}

func newFace(t *testing.T, f *opentype.Font) font.Face {
	t.Helper()
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 1000, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	return face
}
