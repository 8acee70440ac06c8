package scale

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math"

	"anncapacity/lib/internal/parts"
)

// Embed describes embeddings of photographs by ResNet-50. A task is a range of photographs.
type Embed struct {
	Dataset  string   `json:"dataset"`  // as images.Open reads it; every worker must reach it under this name
	Images   int      `json:"images"`   // the first photographs of the dataset, which are embedded
	Names    string   `json:"names"`    // hash of their names and classes
	Contents []string `json:"contents"` // for each task, a hash of the contents of its photographs
	Weights  string   `json:"weights"`  // as resnet50.OpenWeights reads them
	Network  string   `json:"network"`  // hash of the weights
	Resize   int      `json:"resize"`   // short side in pixels before the crop
	Batch    int      `json:"batch"`    // photographs that are computed together
	Block    int      `json:"block"`    // most photographs of a task

	photographs []item              // nil in a plan that was stored
	sums        [][sha256.Size]byte // their hashes
}

func (e *Embed) check() error {
	if e.Images < 1 || e.Block < 1 || e.Batch < 1 || e.Images > math.MaxInt32 {
		return fmt.Errorf("%s: %d photographs in blocks of %d and batches of %d: want at least 1 of each", e.Dataset, e.Images, e.Block, e.Batch)
	}
	if len(e.Contents) != e.tasks() {
		return fmt.Errorf("the plan has %d hashes of contents for %d tasks", len(e.Contents), e.tasks())
	}
	return nil
}

func (e *Embed) tasks() int { return (e.Images + e.Block - 1) / e.Block }

// hashed returns the fields without the places of the photographs and the weights.
func (e *Embed) hashed() any {
	h := *e
	h.Dataset, h.Weights = "", ""
	return h
}

// divided returns the same job in tasks of another size. A plan that was stored cannot be divided anew, and is returned as it is.
func (e *Embed) divided(block int) *Embed {
	if block == e.Block || e.sums == nil {
		return e
	}
	other := *e
	other.Block = block
	other.setContents()
	return &other
}

// inventory returns the name of the inventory.
func (e *Embed) inventory() string {
	return parts.Key(func(sum io.Writer) { fmt.Fprintln(sum, e.Names, e.Contents) })
}

func (e *Embed) inventories() map[string][]item {
	return map[string][]item{e.inventory(): e.photographs}
}

// setContents sets the hash of each task.
func (e *Embed) setContents() {
	e.Contents = make([]string, e.tasks())
	for i := range e.Contents {
		s := e.block(i)
		e.Contents[i] = contents(e.sums[s.from:s.to])
	}
}

// block returns the photographs of task i.
func (e *Embed) block(i int) span { return span{i * e.Block, min((i+1)*e.Block, e.Images)} }
