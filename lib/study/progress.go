package study

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Bar shows how many queries are answered, and the time left.
type Bar struct{ b *progressbar.ProgressBar }

// NewBar starts a bar of so many queries on w; nil means nowhere.
func NewBar(w io.Writer, steps int) *Bar {
	if w == nil {
		w = io.Discard
	}
	return &Bar{progressbar.NewOptions(steps,
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

// Describe changes the words in front of the bar.
func (b *Bar) Describe(what string) { b.b.Describe(what) }

// Add counts queries.
func (b *Bar) Add(steps int) { b.b.Add(steps) }

// Stop ends the line, which a bar that is full has ended by itself.
func (b *Bar) Stop() {
	if !b.b.IsFinished() {
		b.b.Exit()
	}
}
