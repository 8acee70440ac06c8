package resnet50

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how many images are embedded, images/s and the time left. What the bar writes for one update goes out
// in one write: a notebook shows every write as a line of its own.
type progress struct {
	bar  *progressbar.ProgressBar
	line bytes.Buffer
	out  io.Writer
}

func newProgress(out io.Writer, missing, images int) *progress {
	p := &progress{out: out}
	if cached := images - missing; cached > 0 {
		fmt.Fprintf(out, "%d of %d images are in the cache already, or are copies of others\n", cached, images)
	}
	p.bar = progressbar.NewOptions(missing,
		progressbar.OptionSetWriter(&p.line),
		progressbar.OptionSetDescription("embedding"),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("images"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(200*time.Millisecond),
	)
	p.flush()
	return p
}

func (p *progress) add(images int) {
	p.bar.Add(images)
	p.flush()
}

func (p *progress) flush() {
	if p.line.Len() > 0 {
		p.out.Write(p.line.Bytes())
		p.line.Reset()
	}
}

func (p *progress) stop() {
	p.bar.Exit()
	p.line.WriteByte('\n')
	p.flush()
}
