package router

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/compute/dtypes"

	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/sealed"
)

// GoMLX's checkpoints package detects no damage. A checkpoint of this package has a checksum and is written atomically.

const stateKind = "anncapacity router checkpoint 1"

// state is the header of a checkpoint.
type state struct {
	Epoch     int
	Variables []variable // in the order of the store, which is the order of the graph
}

// variable is a variable of the store.
type variable struct {
	Path      string
	Type      string
	Dims      []int
	Trainable bool
}

// Key returns a key of the inputs, with the first labels, and of the options on which the weights depend. It reads all inputs.
func (t *Trainer) Key() string {
	o := t.options
	return parts.Key(func(sum io.Writer) {
		fmt.Fprintln(sum, stateKind, t.form, o.Beta, o.LearningRate, o.Batch, o.Epochs, o.ScheduleEpochs, o.Accept, o.Seed,
			parallelParts)
		hash(sum, o.Centroids.Data)
		for _, s := range t.batches.sources {
			fmt.Fprintln(sum, s.vectors.N, s.vectors.D, s.vectors.Width(), s.noise, len(s.labels.Units), len(s.labels.Weights))
			hash(sum, s.labels.Starts)
			hash(sum, s.labels.Units)
			hash(sum, s.labels.Weights)
			hash(sum, s.vectors.Bytes)
			hash(sum, s.vectors.Floats)
		}
	})
}

// hash writes numbers to sum in little-endian order, a part at a time, because binary.Write makes a copy.
func hash[T uint8 | int32 | float32](sum io.Writer, values []T) {
	for part := range slices.Chunk(values, 1<<16) {
		binary.Write(sum, binary.LittleEndian, part)
	}
}

// save stores the state, if a checkpoint is wanted.
func (t *Trainer) save() error {
	if t.checkpoint == "" {
		return nil
	}
	header, data := state{Epoch: t.epoch}, []any{}
	for v := range t.store.IterVariables() {
		value, err := v.Value()
		if err != nil {
			return fmt.Errorf("router: %w", err)
		}
		shape := value.Shape()
		header.Variables = append(header.Variables, variable{v.Path(), shape.DType.String(), shape.Dimensions, v.Trainable})
		if err := value.ConstFlatData(func(flat any) { data = append(data, cloned(flat)) }); err != nil {
			return fmt.Errorf("router: %w", err)
		}
	}
	content, err := sealed.Seal(stateKind, header, data...)
	if err != nil {
		return fmt.Errorf("router: %s: %w", t.checkpoint, err)
	}
	return atomicfile.Write(t.checkpoint, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// load fills the store from the checkpoint and reports whether there is one.
func (t *Trainer) load() (bool, error) {
	if t.options.Checkpoint == "" {
		return false, nil
	}
	if err := os.MkdirAll(t.options.Checkpoint, 0o755); err != nil {
		return false, err
	}
	t.checkpoint = filepath.Join(t.options.Checkpoint, "router-"+t.Key()+".checkpoint")
	content, err := os.ReadFile(t.checkpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = t.restore(content)
	}
	if err != nil {
		return false, fmt.Errorf("router: %s: %w; remove it to train from the start", t.checkpoint, err)
	}
	return true, nil
}

// restore fills the store from the content of a checkpoint.
func (t *Trainer) restore(content []byte) error {
	var header state
	r, err := sealed.Open(content, stateKind, &header)
	if err != nil {
		return err
	}
	for _, v := range header.Variables {
		count := 1
		for _, d := range v.Dims {
			count *= d
		}
		switch v.Type {
		case dtypes.Float32.String():
			err = restored[float32](t, r, v, count)
		case dtypes.Int64.String():
			err = restored[int64](t, r, v, count)
		case dtypes.Uint64.String():
			err = restored[uint64](t, r, v, count)
		default:
			err = fmt.Errorf("the variable %s has the unknown type %s", v.Path, v.Type)
		}
		if err != nil {
			return err
		}
	}
	for _, p := range t.form.parameters() {
		if v := t.store.GetVariable(string(p.part)); v == nil || v.Shape().Size() != p.size() {
			return fmt.Errorf("the parameter %s is missing or has another size", p.part)
		}
	}
	t.epoch = header.Epoch
	return nil
}

// restored creates a variable from the next count numbers of r.
func restored[T number](t *Trainer, r *bytes.Reader, v variable, count int) error {
	values, err := sealed.Numbers[T](r, count)
	if err != nil {
		return fmt.Errorf("the variable %s: %w", v.Path, err)
	}
	return create(t.store, v.Path, v.Trainable, values, v.Dims...)
}

// cloned returns a copy of a slice of numbers.
func cloned(flat any) any {
	switch flat := flat.(type) {
	case []float32:
		return slices.Clone(flat)
	case []int64:
		return slices.Clone(flat)
	case []uint64:
		return slices.Clone(flat)
	}
	return nil // which sealed.Seal refuses
}
