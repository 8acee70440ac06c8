package resnet50

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"anncapacity/lib/internal/tensorfile"
)

// blocks is how many blocks the four stages of a network have, and of how many convolutions.
type blocks struct {
	count        [4]int
	convolutions int
}

var resnet50Blocks = blocks{[4]int{3, 4, 6, 3}, 3}

// relatives are the networks that share names with ResNet-50.
var relatives = map[blocks]string{
	{[4]int{2, 2, 2, 2}, 2}: "ResNet-18", {[4]int{3, 4, 6, 3}, 2}: "ResNet-34", {[4]int{3, 4, 23, 3}, 3}: "ResNet-101",
	{[4]int{3, 8, 36, 3}, 3}: "ResNet-152", {[4]int{2, 2, 2, 2}, 3}: "ResNet-26",
}

// blocks counts by the names of convolutions.
func (c candidate) blocks() blocks {
	b := blocks{convolutions: 2}
	if c.has("layer1.0.conv3.weight") {
		b.convolutions = 3
	}
	for stage := range b.count {
		for c.has(fmt.Sprintf("layer%d.%d.conv1.weight", stage+1, b.count[stage])) {
			b.count[stage]++
		}
	}
	return b
}

func (c candidate) has(name string) bool {
	_, ok := c.file.Tensors[c.prefix+c.layout.rename(name)]
	return ok
}

// differ tells other networks; one that lacks blocks of ResNet-50 is taken for a part of it.
func (b blocks) differ() bool {
	larger := false
	for stage, n := range b.count {
		larger = larger || n > resnet50Blocks.count[stage]
	}
	return larger || b.convolutions != resnet50Blocks.convolutions || relatives[b] != ""
}

func (b blocks) String() string {
	text := fmt.Sprintf("%d, %d, %d and %d blocks of %d convolutions", b.count[0], b.count[1], b.count[2], b.count[3], b.convolutions)
	if name := relatives[b]; name != "" {
		return name + ", " + text
	}
	return text
}

// describe says what a file holds that holds no ResNet-50.
func describe(f *tensorfile.File) string {
	names := slices.Sorted(maps.Keys(f.Tensors))
	switch {
	case len(names) > 0:
		return fmt.Sprintf("%s: %s", plural(len(names), "tensor", "tensors"), abridged(names))
	case len(f.Objects) > 0:
		name := slices.Min(slices.Collect(maps.Keys(f.Objects)))
		return fmt.Sprintf("no tensors; %s is %s: save its state_dict()", name, f.Objects[name])
	}
	return "no tensors"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// abridged is the first names of a list.
func abridged(names []string) string {
	const most = 4
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
