package study

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// bar shows how many queries of a study are answered, and the time left.
type bar struct{ b *progressbar.ProgressBar }

func newBar(w io.Writer, steps int) *bar {
	if w == nil {
		w = io.Discard
	}
	return &bar{progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionSetItsString("queries"),
		progressbar.OptionShowIts(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(200*time.Millisecond),
		progressbar.OptionOnCompletion(func() { io.WriteString(w, "\n") }),
	)}
}

func (b *bar) describe(what string) { b.b.Describe(what) }
func (b *bar) add(steps int)        { b.b.Add(steps) }

// stop ends the line, which a bar that is full has ended by itself.
func (b *bar) stop() {
	if !b.b.IsFinished() {
		b.b.Exit()
	}
}
