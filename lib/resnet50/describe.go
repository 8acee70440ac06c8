package resnet50

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"anncapacity/lib/internal/tensorfile"
)

// blocks holds the number of blocks in each of the four stages of a network and the number of convolutions in a block.
type blocks struct {
	count        [4]int
	convolutions int
}

var resnet50Blocks = blocks{[4]int{3, 4, 6, 3}, 3}

// relatives are the networks whose tensors have the same names as those of ResNet-50.
var relatives = map[blocks]string{
	{[4]int{2, 2, 2, 2}, 2}: "ResNet-18", {[4]int{3, 4, 6, 3}, 2}: "ResNet-34", {[4]int{3, 4, 23, 3}, 3}: "ResNet-101",
	{[4]int{3, 8, 36, 3}, 3}: "ResNet-152", {[4]int{2, 2, 2, 2}, 3}: "ResNet-26",
}

// blocks counts the blocks of a candidate by the names of its convolutions.
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

// differ reports whether b belongs to another network than ResNet-50. Fewer blocks of the same kind count as an incomplete
// ResNet-50, not as another network.
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

// describe describes the content of a file that holds no ResNet-50.
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

// abridged returns the first names of a list, joined.
func abridged(names []string) string {
	const most = 4
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
