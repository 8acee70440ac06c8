package resnet50

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"anncapacity/lib/internal/tensorfile"
)

// layout is a naming scheme for the tensors of a ResNet-50.
type layout struct {
	name   string
	rename func(torchvision string) string // converts a name of torchvision's to this layout
	trunk  *regexp.Regexp                  // matches names of tensors of the network without its head
}

var layouts = []layout{
	{"torchvision", func(name string) string { return name },
		regexp.MustCompile(`^(conv|bn|layer|norm|gn|stem|downsample|attnpool|maxpool)[\d_.]`)},
	{"the children of torchvision's network in an nn.Sequential", inSequential, regexp.MustCompile(`^[0-7]\.`)},
	{"transformers' ResNetModel", inTransformers, regexp.MustCompile(`^(embedder|encoder)\.`)},
}

// inSequential converts a name of torchvision's to the layout of an nn.Sequential, which numbers the children: conv1, bn1,
// ReLU, pooling, layer1 to layer4.
func inSequential(name string) string {
	child, rest, _ := strings.Cut(name, ".")
	number := map[string]string{"conv1": "0", "bn1": "1", "layer1": "4", "layer2": "5", "layer3": "6", "layer4": "7"}[child]
	return number + "." + rest
}

var blockPart = regexp.MustCompile(`^layer(\d)\.(\d+)\.(conv|bn|downsample\.)(\d)\.`)

// inTransformers converts a name of torchvision's to the layout of transformers, which counts stages and convolutions
// from 0.
func inTransformers(name string) string {
	names := strings.NewReplacer("conv1.", "embedder.embedder.convolution.", "bn1.", "embedder.embedder.normalization.")
	m := blockPart.FindStringSubmatch(name)
	if m == nil {
		return names.Replace(name)
	}
	part := map[string]string{"conv": "convolution", "bn": "normalization", "downsample.": "convolution"}[m[3]]
	stage := fmt.Sprintf("encoder.stages.%d.layers.%s.", m[1][0]-'1', m[2])
	switch {
	case m[3] != "downsample.":
		stage += fmt.Sprintf("layer.%d.", m[4][0]-'1')
	case m[4] == "1":
		stage, part = stage+"shortcut.", "normalization"
	default:
		stage += "shortcut."
	}
	return stage + part + "." + name[len(m[0]):]
}

// candidate is a part of a file that may hold a network: the tensors whose names have a prefix, in a layout.
type candidate struct {
	file   *tensorfile.File
	layout layout
	prefix string
}

// candidates returns every candidate that holds the first convolution of a bottleneck or basic network.
func candidates(f *tensorfile.File) []candidate {
	var found []candidate
	for _, l := range layouts {
		anchor := l.rename("layer1.0.conv1.weight")
		for _, name := range slices.Sorted(maps.Keys(f.Tensors)) {
			prefix, ok := strings.CutSuffix(name, anchor)
			if ok && (prefix == "" || strings.HasSuffix(prefix, ".")) {
				found = append(found, candidate{f, l, prefix})
			}
		}
	}
	return found
}

// findNetwork returns the only ResNet-50 in the file or, if prefix is not nil, the one whose names have that prefix.
func findNetwork(f *tensorfile.File, prefix *string) (candidate, error) {
	all := candidates(f)
	if prefix != nil {
		all = slices.DeleteFunc(all, func(c candidate) bool { return c.prefix != *prefix })
		if len(all) == 0 {
			return candidate{}, fmt.Errorf("no network whose tensors begin with %q; %s", *prefix, describe(f))
		}
	}
	var whole []candidate
	var first error
	for _, c := range all {
		err := c.check()
		if err == nil {
			whole = append(whole, c)
		} else if first == nil {
			first = err
		}
	}
	switch {
	case len(whole) == 1:
		return whole[0], nil
	case len(whole) > 1:
		return candidate{}, ambiguous(whole)
	case first != nil:
		return candidate{}, first
	}
	return candidate{}, fmt.Errorf("%s: want those of a ResNet-50 by torchvision's names, conv1.weight to layer4.2.bn3.running_var", describe(f))
}

func ambiguous(whole []candidate) error {
	var prefixes []string
	for _, c := range whole {
		prefixes = append(prefixes, fmt.Sprintf("%q", c.prefix))
	}
	return fmt.Errorf("%d whole ResNet-50, whose tensors begin with %s: choose one by FILE:PREFIX, such as FILE:%s",
		len(whole), strings.Join(prefixes, ", "), whole[len(whole)-1].prefix)
}

// check returns an error if names or shapes differ from those of the network. It does not read values.
func (c candidate) check() error {
	shapes := resnet50().tensorShapes()
	if blocks := c.blocks(); blocks.differ() {
		return fmt.Errorf("tensors %s…: %s, want a ResNet-50, %s", c.prefix+c.layout.rename("layer1"), blocks, resnet50Blocks)
	}
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		stored := c.prefix + c.layout.rename(name)
		t, ok := c.file.Tensors[stored]
		switch {
		case !ok && c.file.Objects[stored] != "":
			return fmt.Errorf("tensor %s is %s: want a dense tensor", stored, c.file.Objects[stored])
		case !ok:
			return fmt.Errorf("tensor %s is missing: not a whole ResNet-50", stored)
		case !slices.Equal(t.Dims, shapes[name]):
			return fmt.Errorf("tensor %s: shape %v, want %v: another network than torchvision's ResNet-50", stored, t.Dims, shapes[name])
		}
	}
	for _, name := range c.others() {
		if inside, ok := strings.CutPrefix(name, c.prefix); ok && c.layout.trunk.MatchString(inside) {
			return fmt.Errorf("tensor %s is none of ResNet-50's: another network than torchvision's", name)
		}
	}
	return nil
}

// names returns the stored name of each of the candidate's tensors, by torchvision's name: the tensors of the network and
// those of its head if the head has a thousand classes.
func (c candidate) names() map[string]string {
	names := map[string]string{}
	for name := range resnet50().tensorShapes() {
		names[name] = c.prefix + c.layout.rename(name)
	}
	if c.layout.name != layouts[0].name {
		return names
	}
	for name, dims := range headShapes {
		if !slices.Equal(c.file.Tensors[c.prefix+name].Dims, dims) {
			return names
		}
	}
	for name := range headShapes {
		names[name] = c.prefix + name
	}
	return names
}

// others returns the names of the file's tensors that do not belong to the candidate, in ascending order.
func (c candidate) others() []string {
	used := map[string]bool{}
	for _, name := range c.names() {
		used[name] = true
	}
	all := slices.Sorted(maps.Keys(c.file.Tensors))
	return slices.DeleteFunc(all, func(name string) bool { return used[name] })
}

// load reads the candidate's tensors.
func (c candidate) load() (map[string]Tensor, error) {
	tensors := map[string]Tensor{}
	for name, stored := range c.names() {
		t, err := c.file.Tensors[stored].Load()
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", stored, err)
		}
		tensors[name] = Tensor(t)
	}
	return tensors, nil
}

// notes returns one sentence for each difference between the file and torchvision's.
func (c candidate) notes() []string {
	var notes []string
	if c.prefix != "" {
		notes = append(notes, fmt.Sprintf("the network is that whose tensors begin with %q", c.prefix))
	}
	if c.layout.name != layouts[0].name {
		notes = append(notes, "its names are those of "+c.layout.name)
	}
	numbers := c.file.Numbers(slices.Collect(maps.Values(c.names())))
	if !slices.Equal(numbers, []string{"float32"}) {
		notes = append(notes, "numbers of type "+strings.Join(numbers, " and ")+" are taken as float32")
	}
	if others := c.others(); len(others) > 0 {
		notes = append(notes, fmt.Sprintf("%s not used: %s",
			plural(len(others), "other tensor in the file is", "other tensors in the file are"), abridged(others)))
	}
	return notes
}
