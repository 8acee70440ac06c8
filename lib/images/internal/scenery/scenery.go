// Package scenery computes photograph-like pictures: ten kinds of scene, each with continuous variation of pose, scale,
// colour, light, texture and composition, seen by a camera with exposure, white balance, vignette, blur and grain. All arithmetic
// is in integers: a picture's bytes are the same on every machine.
package scenery

import "math/rand/v2"

// Side is the width and height of a picture in pixels.
const Side = 96

// shader is the colour of a scene at x to the right and y downwards; the picture shows about -1…1 of both.
type shader func(x, y q) color

// kinds are the classes; the function draws the parameters of one scene.
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

// Class is the name of picture i's class: the classes take turns.
func Class(i int) string { return kinds[i%len(kinds)].name }

// Render is picture i of a series: Side × Side × 3 bytes in rows of red, green and blue. It depends on seed and i alone.
func Render(seed uint64, i int) []uint8 {
	s := source{rand.NewPCG(seed, uint64(i))}
	look := kinds[i%len(kinds)].draw(s)
	return newCamera(s).take(look)
}
