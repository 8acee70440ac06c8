package duplicate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/sealed"
	"anncapacity/lib/storage/layout"
)

const roundKind = "anncapacity duplicate round 1"

// key returns the key of the inputs and options that router.Trainer.Key does not cover.
func (r *run) key(start layout.Layout) string {
	o := r.options
	return parts.Key(func(sum io.Writer) {
		fmt.Fprintln(sum, roundKind, o.Rounds, o.EpochsPerRound, o.Share, o.RankBy, o.AfterLast, o.Restart, o.NoisyBase,
			start.Units(), len(start.IDs))
		for _, data := range [][]int32{start.Starts, start.IDs, r.nearest} {
			binary.Write(sum, binary.LittleEndian, data)
		}
	})
}

// path returns the file of a round.
func (r *run) path(round int) string {
	return filepath.Join(r.folder, fmt.Sprintf("round-%d-%s", round, r.trainerKey))
}

// save stores the last round: its statistics and the keys and units of its copies.
func (r *run) save(copies []pair) error {
	if r.folder == "" {
		return nil
	}
	var flat []int32
	for _, p := range copies {
		flat = append(flat, p.key, p.unit)
	}
	last := r.rounds[len(r.rounds)-1]
	content, err := sealed.Seal(roundKind, last, flat)
	if err != nil {
		return fmt.Errorf("duplicate: %s: %w", r.path(last.Round), err)
	}
	return atomicfile.Write(r.path(last.Round), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// load reads a stored round, adds its copies to the layout and reports whether it is stored.
func (r *run) load(round int) (bool, error) {
	content, err := os.ReadFile(r.path(round))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = r.restore(content, round)
	}
	if err != nil {
		return false, fmt.Errorf("duplicate: %s: %w; remove its folder to start again", r.path(round), err)
	}
	return true, nil
}

func (r *run) restore(content []byte, round int) error {
	var done Round
	data, err := sealed.Open(content, roundKind, &done)
	if err != nil {
		return err
	}
	if done.Round != round {
		return fmt.Errorf("holds round %d, not %d", done.Round, round)
	}
	flat, err := sealed.Numbers[int32](data, 2*done.Copies)
	if err != nil {
		return fmt.Errorf("is truncated: %w", err)
	}
	var copies []pair
	for i := 0; i < len(flat); i += 2 {
		if u := flat[i+1]; u < 0 || int(u) >= r.layout.Units() {
			return fmt.Errorf("copies into unit %d of %d", u, r.layout.Units())
		}
		copies = append(copies, pair{key: flat[i], unit: flat[i+1]})
	}
	r.layout, r.rounds = withCopies(r.layout, copies), append(r.rounds, done)
	return r.layout.Check(r.base.N)
}
