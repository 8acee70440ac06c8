// Package progress shows how far work is: what is done of how much, the rate, the time that passed and the time left.
package progress

import (
	"bytes"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Bar is a line on a writer that shows how far some work is. Its methods are safe for concurrent use. A nil Bar shows nothing.
//
// What changes the line goes out in one write: a notebook shows every write as a line of its own.
type Bar struct {
	bar *progressbar.ProgressBar

	mu    sync.Mutex
	line  bytes.Buffer // not written yet
	drawn bool         // something of the line was written
	out   io.Writer
}

const (
	width = 30 // characters

	// Lines are drawn at most so often.
	stepsPause = 200 * time.Millisecond
	bytesPause = 500 * time.Millisecond
)

// New returns a bar of total steps. The unit, such as "images", names them in the rate; without a unit neither count nor rate is
// shown. A nil writer gives a bar that shows nothing.
func New(w io.Writer, what string, total int, unit string) *Bar {
	options := []progressbar.Option{progressbar.OptionThrottle(stepsPause)}
	if unit != "" {
		options = append(options, progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString(unit))
	}
	return newBar(w, what, int64(total), options...)
}

// NewBytes returns a bar of a number of bytes. What is written to it counts as done.
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
	b.bar.StartWithoutRender() // the time counts from here, not from the first step
	return b
}

// Describe changes the words before the bar.
func (b *Bar) Describe(what string) {
	b.change(func() { b.bar.Describe(what) })
}

// Add counts n more steps or bytes as done.
func (b *Bar) Add(n int) {
	b.change(func() { b.bar.Add(n) })
}

// Set sets how many steps or bytes are done.
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

// Stop ends the line, which a bar that is full has ended by itself. What comes after has no effect.
func (b *Bar) Stop() {
	b.change(func() {
		if !b.bar.IsFinished() {
			b.bar.Exit()
		}
	})
}

// change does what may draw the line and writes what was drawn. Errors of the display do not stop the work.
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

// Spin shows that something of unknown length is under way, and for how long, until the returned function is called, once. A nil
// writer shows nothing.
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
	b.StartWithoutRender() // from now on it draws itself
	return func() { b.Finish() }
}
