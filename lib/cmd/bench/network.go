package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"anncapacity/lib/resnet50"
)

const (
	networkWarmUp = 3 // untimed batches of each, during which memory is allocated
	cropBytes     = 224 * 224 * 3
)

// networkBench compares ResNet-50 with ONNX Runtime, both compiled and warmed up, with random weights, one batch at a time.
type networkBench struct {
	batch   int // images
	model   *resnet50.Model
	crops   []uint8
	request io.Writer     // a line starts a batch in the process of ONNX Runtime
	answer  *bufio.Reader // a line holds the speed of the batch
}

// prepare compiles the network, starts the process of ONNX Runtime, and warms both up.
func (b *networkBench) prepare(ctx context.Context) (err error) {
	if b.model, err = resnet50.NewModel(resnet50.Untrained(resnet50.UntrainedSeed), b.batch); err != nil {
		return err
	}
	b.crops = make([]uint8, b.batch*cropBytes)
	rng := rand.New(rand.NewPCG(1, 0))
	for i := range b.crops {
		b.crops[i] = uint8(rng.Uint32())
	}
	if err := b.startPeer(ctx); err != nil {
		return err
	}
	for range networkWarmUp {
		if _, err := b.ours(); err != nil { // the first compiles
			return err
		}
		if _, err := b.theirs(); err != nil {
			return err
		}
	}
	return nil
}

func (b *networkBench) rows(ctx context.Context) []row {
	what := fmt.Sprintf("ResNet-50, a batch of %d at 224 × 224", b.batch)
	return []row{{what, "ONNX Runtime", func() error { return b.prepare(ctx) }, b.ours, b.theirs, 0.9, fmt.Sprintf("network alone, %d threads each", runtime.NumCPU())}}
}

func (b *networkBench) ours() (time.Duration, error) {
	return timed(func() error {
		_, err := b.model.Features(b.crops)
		return err
	})
}

// startPeer starts ONNX Runtime and waits until it is warm. The process ends when its input is closed, at the latest when this
// process ends.
func (b *networkBench) startPeer(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, filepath.Join(".local", "peers", "bin", "python"), filepath.Join("environment", "peers", "resnet50_onnxruntime.py"),
		"--serve", "--repeats", "1", "--batch", strconv.Itoa(b.batch), "--threads", strconv.Itoa(runtime.NumCPU()))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("ONNX Runtime: %w (run `make peers` to install it)", err)
	}
	b.request, b.answer = in, bufio.NewReader(out)
	_, err = b.answer.ReadBytes('\n')
	return err
}

func (b *networkBench) theirs() (time.Duration, error) {
	if _, err := io.WriteString(b.request, "\n"); err != nil {
		return 0, fmt.Errorf("ONNX Runtime: %w", err)
	}
	line, err := b.answer.ReadBytes('\n')
	if err != nil {
		return 0, fmt.Errorf("ONNX Runtime: %w", err)
	}
	var speed struct {
		Rate float64 `json:"images_per_second"`
	}
	if err := json.Unmarshal(line, &speed); err != nil || speed.Rate <= 0 {
		return 0, fmt.Errorf("ONNX Runtime: %q instead of its speed (%v)", line, err)
	}
	return time.Duration(float64(b.batch) / speed.Rate * float64(time.Second)), nil
}
