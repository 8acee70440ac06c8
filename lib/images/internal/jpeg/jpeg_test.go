package jpeg

import (
	"bytes"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"math"
	"strings"
	"testing"
)

// sample returns a coloured gradient with an edge, encoded by the standard library as baseline 4:2:0.
func sample(t testing.TB, width, height int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, color.RGBA{uint8(3 * x), uint8(2 * y), uint8(100 * ((x + y) / 9 % 2)), 255})
		}
	}
	var file bytes.Buffer
	if err := stdjpeg.Encode(&file, m, &stdjpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// The integer transform is compared with the definition of the inverse DCT.
func TestIDCTNearDefinition(t *testing.T) {
	var block [64]int16
	var quant [64]int32
	for i := range block {
		block[i] = int16((i*37)%23-11) / int16(1+i/8)
		quant[i] = int32(1 + i/4)
	}
	var got [64]uint8
	idct(&block, &quant, got[:], 8)
	for y := range 8 {
		for x := range 8 {
			if want := idctByDefinition(&block, &quant, x, y); math.Abs(want-float64(got[8*y+x])) > 0.6 {
				t.Errorf("sample %d, %d is %d, want %.2f", x, y, got[8*y+x], want)
			}
		}
	}
}

// idctByDefinition returns the sum in A.3.3 for one sample.
func idctByDefinition(block *[64]int16, quant *[64]int32, x, y int) float64 {
	scale := func(k int) float64 {
		if k == 0 {
			return math.Sqrt2 / 2
		}
		return 1
	}
	sum := 0.0
	for v := range 8 {
		for u := range 8 {
			c := float64(int32(block[8*v+u]) * quant[8*v+u])
			sum += scale(u) * scale(v) * c * math.Cos(float64((2*x+1)*u)*math.Pi/16) * math.Cos(float64((2*y+1)*v)*math.Pi/16)
		}
	}
	return min(max(sum/4+128, 0), 255)
}

// A file truncated at any place is an error.
func TestTruncated(t *testing.T) {
	content := sample(t, 50, 33)
	if _, err := Decode(content); err != nil {
		t.Fatal(err)
	}
	for n := range content {
		if p, err := Decode(content[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes gave %d × %d pixels", n, len(content), p.Width, p.Height)
		}
	}
}

func TestRefuses(t *testing.T) {
	frame := func(tail string) string { return "\xff\xd8\xff\xc0" + tail + "\xff\xd9" }
	for name, c := range map[string]struct{ content, want string }{
		"not JPEG":        {"GIF89a", "not a JPEG"},
		"no frame":        {"\xff\xd8\xff\xd9", "without an image"},
		"no scan":         {frame("\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00"), "without a scan of component 1"},
		"empty frame":     {frame("\x00\x0b\x08\x00\x00\x00\x08\x01\x01\x11\x00"), "8 × 0 pixels"},
		"huge frame":      {frame("\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00"), "65535 × 65535 pixels"},
		"twelve bits":     {frame("\x00\x0b\x0c\x00\x08\x00\x08\x01\x01\x11\x00"), "12 bits"},
		"sampling 0":      {frame("\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x01\x00"), "sampling 0×1"},
		"two components":  {frame("\x00\x0e\x08\x00\x08\x00\x08\x02\x01\x11\x00\x02\x11\x00"), "2 components"},
		"arithmetic":      {"\xff\xd8\xff\xc9\x00\x02\xff\xd9", "0xc9 is not supported"},
		"bad Huffman":     {"\xff\xd8\xff\xc4\x00\x16\x00\x03" + strings.Repeat("\x00", 15) + "abc", "more codes than bits"},
		"scan first":      {"\xff\xd8\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00", "before the frame"},
		"tiny and large":  {frame("\x00\x0b\x08\x20\x00\x20\x00\x01\x01\x11\x00"), "truncated"},
		"segment too big": {"\xff\xd8\xff\xdb\x40\x00", "truncated"},
	} {
		if _, err := Decode([]byte(c.content)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

// FuzzDecode checks that any bytes give pixels or an error, never a panic. If the standard library also decodes the
// file, the sizes must agree.
func FuzzDecode(f *testing.F) {
	content := sample(f, 40, 24)
	f.Add(content)
	for i := 20; i < len(content); i += 7 {
		broken := bytes.Clone(content)
		broken[i] ^= 0xa5
		f.Add(broken)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		p, err := Decode(content)
		if err != nil {
			return
		}
		if len(p.Pix) != 3*p.Width*p.Height {
			t.Fatalf("%d bytes for %d × %d pixels", len(p.Pix), p.Width, p.Height)
		}
		if m, err := stdjpeg.Decode(bytes.NewReader(content)); err == nil && m.Bounds().Size() != image.Pt(p.Width, p.Height) {
			t.Fatalf("%d × %d pixels, the standard library finds %v", p.Width, p.Height, m.Bounds().Size())
		}
	})
}
