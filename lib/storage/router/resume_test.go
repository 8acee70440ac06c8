package router

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// interrupted trains until a step and cancels. It returns the steps that were done.
func interrupted(t *testing.T, learn ann.Coordinates, labels Labels, o Options, until int) (steps []int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Progress = func(p Progress) {
		if steps = append(steps, p.Step); p.Step == until {
			cancel()
		}
	}
	if _, err := Train(ctx, learn, labels, o); until > 0 && !errors.Is(err, context.Canceled) || until == 0 && err != nil {
		t.Fatal(err)
	}
	return steps
}

// A training that is interrupted twice gives the bytes of one that is not. It begins at the last checkpoint.
func TestTrainResumes(t *testing.T) {
	learn, labels, _ := separable(333, 12, 8) // 6 steps an epoch, a checkpoint every 18 steps
	o := small(8)
	want := packed(t, trained(t, learn, One(labels), o))
	o.Checkpoint = t.TempDir()
	interrupted(t, learn, One(labels), o, 20)
	if steps := interrupted(t, learn, One(labels), o, 50); steps[0] != 19 {
		t.Errorf("the first step after the first interruption is %d, want 19", steps[0])
	}
	if got := packed(t, trained(t, learn, One(labels), o)); !bytes.Equal(got, want) {
		t.Error("the weights of an interrupted training differ")
	}
	if steps := interrupted(t, learn, One(labels), o, 0); len(steps) > 0 {
		t.Errorf("a complete training is repeated: %d steps", len(steps))
	}
	o.Seed++
	trainer, err := NewTrainer(learn, One(labels), o)
	defer must(t, err, trainer).Close()
	if trainer.Epoch() != 0 {
		t.Error("a training with another seed uses the checkpoint")
	}
}

// A damaged checkpoint is an error that names the file.
func TestDamagedCheckpoint(t *testing.T) {
	learn, labels, _ := separable(100, 12, 8)
	o := small(8)
	o.Checkpoint = t.TempDir()
	trained(t, learn, One(labels), o)
	files, err := filepath.Glob(filepath.Join(o.Checkpoint, "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	damaged := slices.Clone(content)
	damaged[len(damaged)/2] ^= 1
	for name, bad := range map[string][]byte{
		"changed": damaged, "truncated": content[:len(content)-9], "empty": nil, "foreign": []byte("text\n"),
	} {
		if err := os.WriteFile(files[0], bad, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Train(t.Context(), learn, One(labels), o)
		testkit.WantMentions(t, name, err, files[0])
	}
}
