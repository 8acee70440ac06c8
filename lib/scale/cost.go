package scale

// Cost is what all tasks of a plan take together. It is computed from the plan alone.
type Cost struct {
	Tasks   int
	FLOP    float64 // floating-point operations; a multiplication and an addition count as two
	Read    float64 // bytes that are read
	Written float64 // bytes of all results
	Memory  int64   // bytes that one worker holds, at most, beside the program itself
}

// Rates are what one worker does in a second.
type Rates struct {
	FLOP float64
	Read float64 // bytes
}

// Seconds returns the time that one worker would take for all tasks. Reading and computing overlap, so that the slower of the two counts.
func (c Cost) Seconds(r Rates) float64 { return max(c.FLOP/r.FLOP, c.Read/r.Read) }

// Cost returns what the tasks of the plan take.
func (p *Plan) Cost() Cost {
	j, err := p.job()
	if err != nil {
		return Cost{}
	}
	return j.cost()
}

const (
	// flopOfImage is the number of operations of ResNet-50 for a crop of 224 × 224 (4.09 · 10⁹ multiplications and additions
	// without the last layer, as torchvision states for resnet50; Winograd convolutions need fewer).
	flopOfImage = 2 * 4.09e9
	// bytesOfPhotograph is an assumption: the mean size of a JPEG of ImageNet.
	bytesOfPhotograph = 110e3
	features          = 2048
	// memoryOfNetwork and memoryOfImage are what a worker holds for the network, and for each photograph of a batch.
	memoryOfNetwork = 600 << 20
	memoryOfImage   = 24 << 20
)

func (e *Embed) cost() Cost {
	n := float64(e.Images)
	return Cost{
		Tasks:   e.tasks(),
		FLOP:    flopOfImage * n,
		Read:    bytesOfPhotograph * n,
		Written: 4 * features * n,
		Memory:  memoryOfNetwork + memoryOfImage*int64(e.Batch) + 8*features*int64(e.Block),
	}
}
