package figure

import (
	"fmt"
	"strings"
)

// A Subject describes the data of a figure. It is written below the title.
type Subject struct {
	Dataset string // study.Job.DatasetName: "imagenette96", "generated", "generated-500"
	Network string // study.Job.WeightsName: "imagenet1k_v2", "untrained", the name of a file or of its folder
	Points  int    // number of points indexed in each run
}

func (s Subject) generated() bool {
	return s.Dataset == "generated" || strings.HasPrefix(s.Dataset, "generated-")
}

func (s Subject) untrained() bool { return s.Network == "untrained" }

// source returns the dataset and the network, for example "imagenette96 · resnet50-pqf". Generated images and an untrained
// network are named as such.
func (s Subject) source() string {
	switch {
	case s.generated() && s.untrained():
		return "generated images, untrained network"
	case s.generated():
		return "generated images · " + s.Network
	case s.untrained():
		return s.Dataset + " · untrained network"
	}
	return s.Dataset + " · " + s.Network
}

// Markdown returns a description of the dataset and the network for a notebook, with a warning if the images are generated or
// the network is untrained.
func (s Subject) Markdown() string {
	network := "Network: ResNet-50, **" + s.Network + "**."
	if s.untrained() {
		network = "**Untrained network:** the weights of this ResNet-50 are random."
	}
	if s.generated() || s.untrained() {
		network += " The numbers below show that every step works; they say nothing about photographs seen by a trained network."
	}
	return s.images() + " " + network
}

// DescriptorsMarkdown is Markdown for SIFT descriptors, which need no network.
func (s Subject) DescriptorsMarkdown() string {
	text := s.images() + " Vectors: SIFT descriptors, computed by OpenCV."
	if s.generated() {
		text += " The numbers below show that every step works; they say nothing about photographs."
	}
	return text
}

// images returns a sentence that names the photographs.
func (s Subject) images() string {
	if s.generated() {
		return "**Generated images:** this program draws them; they are not photographs."
	}
	return "Photographs: **" + s.Dataset + "**."
}

// withRuns returns the source and the number of runs, for example "10 runs of 10,000".
func (s Subject) withRuns(runs int) string {
	return fmt.Sprintf("%s · %s of %s", s.source(), count(runs, "run"), thousands(s.Points))
}
