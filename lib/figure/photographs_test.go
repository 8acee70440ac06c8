package figure

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"anncapacity/lib/ann"
	"anncapacity/lib/images"
)

// plain is a dataset of uniform images. Image i has grey value 40 i and class "even" or "odd".
type plain int

func (plain) Name() string                  { return "plain" }
func (n plain) Len() int                    { return int(n) }
func (plain) ID(i int) string               { return fmt.Sprintf("plain/%d", i) }
func (plain) Class(i int) string            { return []string{"even", "odd"}[i%2] }
func (plain) Content(i int) ([]byte, error) { return []byte{byte(40 * i)}, nil }
func (plain) Decode(content []byte) (*images.RGB, error) {
	if content[0] == 160 {
		return nil, errors.New("damaged")
	}
	m := &images.RGB{Width: 20, Height: 10, Pix: make([]uint8, 20*10*3)}
	for i := range m.Pix {
		m.Pix[i] = content[0]
	}
	return m, nil
}

// greyAt returns the grey value in the middle of the photograph in column x and row y.
func greyAt(m image.Image, s *sheet, x, y int) uint8 {
	at := s.corner(x, y).Add(image.Pt(thumbnail/2, thumbnail/2))
	return color.GrayModel.Convert(m.At(at.X, at.Y)).(color.Gray).Y
}

func TestContactSheetShowsTheRowsInOrder(t *testing.T) {
	m, err := ContactSheet(plain(4), []int32{3, 0, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	s := newSheet(2, 2, 1)
	for i, want := range []uint8{120, 0, 40, 255} { // the fourth place is empty
		if got := greyAt(m, s, i%2, i/2); got != want {
			t.Errorf("place %d shows grey %d, want %d", i, got, want)
		}
	}
}

func TestNearestPhotographsStandBesideTheirQuery(t *testing.T) {
	m, err := NearestPhotographs(plain(4), []int32{2, 1}, []ann.Neighbors{{{ID: 0, Distance: 1}, {ID: 3, Distance: 2}}, {{ID: 3}}})
	if err != nil {
		t.Fatal(err)
	}
	s := newSheet(3, 2, 2)
	for i, want := range []uint8{80, 0, 120, 40, 120, 255} {
		if got := greyAt(m, s, i%3, i/3); got != want {
			t.Errorf("place %d shows grey %d, want %d", i, got, want)
		}
	}
}

func TestPhotographsReportBadInput(t *testing.T) {
	for name, make := range map[string]func() (image.Image, error){
		"no rows":       func() (image.Image, error) { return ContactSheet(plain(4), nil, 2) },
		"no columns":    func() (image.Image, error) { return ContactSheet(plain(4), []int32{1}, 0) },
		"row beyond":    func() (image.Image, error) { return ContactSheet(plain(4), []int32{4}, 1) },
		"negative row":  func() (image.Image, error) { return ContactSheet(plain(4), []int32{-1}, 1) },
		"no queries":    func() (image.Image, error) { return NearestPhotographs(plain(4), nil, nil) },
		"unequal lists": func() (image.Image, error) { return NearestPhotographs(plain(4), []int32{1}, nil) },
		"neighbor beyond": func() (image.Image, error) {
			return NearestPhotographs(plain(4), []int32{1}, []ann.Neighbors{{{ID: 9}}})
		},
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: a picture was made", name)
		}
	}
	if _, err := ContactSheet(plain(5), []int32{4}, 1); err == nil || !strings.Contains(err.Error(), "plain/4") {
		t.Errorf("a damaged image: %v; its name is wanted", err)
	}
}

func TestHTML(t *testing.T) {
	got, err := HTML(dataframe.New(series.New([]int{10, 20}, series.Int, "k"), series.New([]string{"a<b", "c"}, series.String, "name")))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`<tr><th style="text-align: right">k</th><th style="text-align: left">name</th></tr>`,
		`<tr><td style="text-align: right">10</td><td style="text-align: left">a&lt;b</td></tr>`,
		`<tr><td style="text-align: right">20</td><td style="text-align: left">c</td></tr>`,
	} {
		if !strings.Contains(got, part) {
			t.Errorf("%q lacks %q", got, part)
		}
	}
	if _, err := HTML(dataframe.New()); err == nil {
		t.Error("an empty frame was rendered")
	}
}
