// Package scenery computes photograph-like pictures of ten kinds of scene. Pose, scale, colour, light, texture and
// composition vary continuously within each kind. A camera with exposure, white balance, vignette, blur and grain takes
// the picture. All arithmetic is in integers, so that the bytes of a picture are the same on every machine.
package scenery

import "math/rand/v2"

// Side is the width and height of a picture in pixels.
const Side = 96

// shader returns the colour of a scene at x to the right and y downwards. The picture shows about -1…1 in both
// directions.
type shader func(x, y q) color

// kinds are the classes. draw draws the parameters of a scene.
var kinds = []struct {
	name string
	draw func(source) shader
}{
	{"dunes", dunes},
	{"sea", sea},
	{"mountains", mountains},
	{"meadow", meadow},
	{"forest", forest},
	{"fruit", fruit},
	{"pebbles", pebbles},
	{"brickwork", brickwork},
	{"city_night", cityNight},
	{"fur", fur},
}

// Class returns the name of the class of picture i. The classes alternate.
func Class(i int) string { return kinds[i%len(kinds)].name }

// Render returns picture i of a series: Side × Side × 3 bytes in rows of red, green and blue. It depends only on seed
// and i.
func Render(seed uint64, i int) []uint8 {
	s := source{rand.NewPCG(seed, uint64(i))}
	look := kinds[i%len(kinds)].draw(s)
	return newCamera(s).take(look)
}
