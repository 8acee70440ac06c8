// Package progress shows the progress of work: the steps done and their total, the rate, the elapsed and the remaining time.
package progress

import (
	"bytes"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Bar is a line of text that shows the progress of some work. Its methods are safe for concurrent use. A nil Bar shows nothing.
//
// A Bar writes every change of the line in one write, because a notebook shows each write as a separate line.
type Bar struct {
	bar *progressbar.ProgressBar

	mu    sync.Mutex
	line  bytes.Buffer // output that is not written yet
	drawn bool         // whether any output was written
	out   io.Writer
}

const (
	width = 30 // characters

	// Minimum time between two updates of the line.
	stepsPause = 200 * time.Millisecond
	bytesPause = 500 * time.Millisecond
)

// New returns a bar of total steps. The unit, such as "images", is the unit of the rate; if it is "", neither count nor rate is
// shown. If w is nil, the bar is nil.
func New(w io.Writer, what string, total int, unit string) *Bar {
	options := []progressbar.Option{progressbar.OptionThrottle(stepsPause)}
	if unit != "" {
		options = append(options, progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString(unit))
	}
	return newBar(w, what, int64(total), options...)
}

// NewBytes returns a bar of total bytes. Bytes that are written to the bar count as done.
func NewBytes(w io.Writer, what string, total int64) *Bar {
	return newBar(w, what, total, progressbar.OptionThrottle(bytesPause), progressbar.OptionShowBytes(true))
}

func newBar(w io.Writer, what string, total int64, options ...progressbar.Option) *Bar {
	if w == nil {
		return nil
	}
	b := &Bar{out: w}
	b.bar = progressbar.NewOptions64(max(0, total), append(options,
		progressbar.OptionSetWriter(&b.line),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(width),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionOnCompletion(func() {
			if b.drawn || b.line.Len() > 0 {
				b.line.WriteByte('\n')
			}
		}),
	)...)
	b.bar.StartWithoutRender() // starts the clock before the first step
	return b
}

// Describe sets the text before the bar.
func (b *Bar) Describe(what string) {
	b.change(func() { b.bar.Describe(what) })
}

// Add counts n more steps or bytes as done.
func (b *Bar) Add(n int) {
	b.change(func() { b.bar.Add(n) })
}

// Set sets the number of steps or bytes that are done.
func (b *Bar) Set(n int64) {
	b.change(func() { b.bar.Set64(n) })
}

// SetShare sets the share that is done, 0 … 1.
func (b *Bar) SetShare(share float64) {
	b.change(func() { b.bar.Set64(int64(share * float64(b.bar.GetMax64()))) })
}

// Write implements io.Writer.
func (b *Bar) Write(p []byte) (int, error) {
	b.Add(len(p))
	return len(p), nil
}

// Stop ends the line, unless the bar is full and has ended it. Later calls have no effect.
func (b *Bar) Stop() {
	b.change(func() {
		if !b.bar.IsFinished() {
			b.bar.Exit()
		}
	})
}

// change calls draw, which may draw the line, and writes the result. It ignores errors of the writer, which must not stop the
// work.
func (b *Bar) change(draw func()) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if draw(); b.line.Len() > 0 {
		b.out.Write(b.line.Bytes())
		b.line.Reset()
		b.drawn = true
	}
}

// Spin shows the elapsed time of work of unknown length until the returned function is called, which must happen once. If w is
// nil, it shows nothing.
func Spin(w io.Writer, what string) (stop func()) {
	if w == nil {
		return func() {}
	}
	b := progressbar.NewOptions(-1,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(width),
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionThrottle(stepsPause),
		progressbar.OptionSetSpinnerChangeInterval(time.Second),
		progressbar.OptionOnCompletion(func() { io.WriteString(w, "\n") }),
	)
	b.StartWithoutRender() // starts to draw in the background
	return func() { b.Finish() }
}
