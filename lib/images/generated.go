package images

import (
	"fmt"

	"anncapacity/lib/images/internal/scenery"
)

// generated is computed anew at each call; it holds no pixels.
type generated struct {
	n    int
	seed uint64
}

// Generated is n photograph-like images of 96 × 96 pixels that the program computes: ten classes in turn, with continuous
// variation of pose, scale, colour, light and texture within each. Image i depends on seed and i alone, and its
// bytes are the same on every machine. Content is the pixels.
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
