package images

import (
	"fmt"

	"anncapacity/lib/images/internal/scenery"
)

// generated computes an image at each call and stores no pixels.
type generated struct {
	n    int
	seed uint64
}

// Generated returns a dataset of n photograph-like images of 96 × 96 pixels that the program computes. The ten classes
// alternate, and pose, scale, colour, light and texture vary continuously within each. Image i depends only on seed and
// i, and its bytes are the same on every machine. The content of an image is its pixels.
func Generated(n int, seed uint64) Dataset { return generated{n, seed} }

func (g generated) Name() string { return "generated" }

func (g generated) Len() int { return g.n }

func (g generated) ID(i int) string { return fmt.Sprintf("%s/%06d", g.Class(i), i) }

func (g generated) Class(i int) string { return scenery.Class(i) }

func (g generated) Content(i int) ([]byte, error) {
	if i < 0 || i >= g.n {
		return nil, fmt.Errorf("generated: no image %d, want 0…%d", i, g.n-1)
	}
	return scenery.Render(g.seed, i), nil
}

func (g generated) Decode(content []byte) (*RGB, error) {
	m := newRGB(scenery.Side, scenery.Side)
	if len(content) != len(m.Pix) {
		return nil, fmt.Errorf("%d bytes, want %d (96×96×3)", len(content), len(m.Pix))
	}
	copy(m.Pix, content)
	return m, nil
}
