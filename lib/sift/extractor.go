package sift

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"

	"anncapacity/lib/images"
	"anncapacity/lib/internal/checkout"
)

//go:embed sift.py
var script string

// python is the interpreter of the pinned environment.
const python = "sift/bin/python"

// tail is the number of bytes of the script's messages in an error.
const tail = 2000

// errEnds is the error of an answer that is shorter than expected.
var errEnds = errors.New("the answer of OpenCV ends early")

// maxItems limits the memory that a damaged answer can request: the descriptors of one photograph.
const maxItems = 1 << 24

// extractor is a running script, which is sent photographs and answers with their descriptors, in order.
type extractor struct {
	cmd      *exec.Cmd
	messages bytes.Buffer // standard error of the script
	answers  *bufio.Reader
	sent     chan error // receives how sending ended
	quit     context.CancelFunc
	versions struct{ OpenCV, NumPy string }
}

// start starts the script and sends the photographs of the jobs from another goroutine.
func start(ctx context.Context, o Options, jobs []job) (*extractor, error) {
	path, err := checkout.Installed(python)
	if err != nil {
		return nil, fmt.Errorf("OpenCV is not installed: run `make sift` in the checkout (%w)", err)
	}
	threads := o.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	settings, err := json.Marshal(struct {
		Settings
		Threads int `json:"threads"`
	}{o.Settings, threads})
	if err != nil {
		return nil, err
	}
	x := &extractor{sent: make(chan error, 1)}
	ctx, x.quit = context.WithCancel(ctx)
	x.cmd = exec.CommandContext(ctx, path, "-I", "-c", script, string(settings))
	x.cmd.Stderr = &x.messages
	in, err1 := x.cmd.StdinPipe()
	out, err2 := x.cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if err := x.cmd.Start(); err != nil {
		x.quit()
		return nil, err
	}
	x.answers = newReader(out)
	go func() { x.sent <- send(ctx, in, o, jobs) }()
	if err := x.greeting(); err != nil {
		return nil, x.stop(err)
	}
	return x, nil
}

func newReader(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 1<<20) }

// greeting receives the versions, which the script sends first.
func (x *extractor) greeting() error {
	text, err := x.message(1)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &x.versions)
}

// next receives the descriptors of the next job.
func (x *extractor) next() ([]uint8, error) { return x.message(Dimensions) }

// message receives a count and that number of items.
func (x *extractor) message(itemSize int) ([]byte, error) {
	var count [4]byte
	if _, err := io.ReadFull(x.answers, count[:]); err != nil {
		return nil, errEnds
	}
	n := binary.LittleEndian.Uint32(count[:])
	if n > maxItems {
		return nil, fmt.Errorf("OpenCV announces %d items: at most %d are expected", n, maxItems)
	}
	items := make([]byte, int(n)*itemSize)
	if _, err := io.ReadFull(x.answers, items); err != nil {
		return nil, errEnds
	}
	return items, nil
}

// stop waits until the script has ended. If failed is an error other than that the answer ended, it kills the script first.
// It returns the error of a photograph that cannot be read, or failed, or the error of the script, with its messages.
func (x *extractor) stop(failed error) error {
	defer x.quit()
	if failed != nil && !errors.Is(failed, errEnds) {
		x.quit()
	}
	_, rest := io.Copy(io.Discard, x.answers)
	sent := <-x.sent
	ended := x.cmd.Wait()
	var broken *photographError
	switch {
	case errors.As(sent, &broken):
		return sent
	case failed == nil:
		failed = errors.Join(rest, sent, ended)
	case errors.Is(failed, errEnds) && ended != nil:
		failed = fmt.Errorf("%w (%w)", failed, ended)
	}
	if text := strings.TrimSpace(x.messages.String()); failed != nil && text != "" {
		return fmt.Errorf("%w; OpenCV says: %s", failed, text[max(0, len(text)-tail):])
	}
	return failed
}

// photographError is the error of a photograph that cannot be read.
type photographError struct{ error }

func (e *photographError) Unwrap() error { return e.error }

// header precedes the pixels of a photograph.
type header struct {
	Width, Height       uint32 // of the photograph
	OutWidth, OutHeight uint32 // of the image in which descriptors are found
	Warped              uint32 // 0 or 1
	Warp                warp
}

// send writes the photographs of the jobs to the script and closes its standard input.
func send(ctx context.Context, to io.WriteCloser, o Options, jobs []job) (err error) {
	defer func() { err = errors.Join(err, to.Close()) }()
	w := bufio.NewWriterSize(to, 1<<18)
	for _, j := range jobs {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := images.Load(o.Dataset, j.image)
		if err != nil {
			return &photographError{err}
		}
		h := headerOf(m, j, o)
		if err := binary.Write(w, binary.LittleEndian, h); err != nil {
			return err
		}
		if _, err := w.Write(m.Pix); err != nil {
			return err
		}
	}
	return w.Flush()
}
