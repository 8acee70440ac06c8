package scale

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"anncapacity/lib/exact"
	"anncapacity/lib/internal/sealed"
	"anncapacity/lib/scale/shard"
)

// resultKind begins each result.
const resultKind = "anncapacity scale result 1"

// header describes a result.
type header struct {
	Task string // its name
	Rows int    // number of queries or photographs
}

// DamagedError reports results that are stored and cannot be used.
type DamagedError struct {
	Tasks []string
	First error // why the first cannot be used
}

func (e *DamagedError) Error() string {
	more := ""
	if n := len(e.Tasks); n > 1 {
		more = fmt.Sprintf(", and %d more results are damaged", n-1)
	}
	return fmt.Sprintf("the result of %s: %v%s", e.Tasks[0], e.First, more)
}

func (e *DamagedError) Unwrap() error { return e.First }

// result returns the encoded result of a task. It returns an error that wraps fs.ErrNotExist if there is none, and a *DamagedError if
// it is truncated, has a wrong checksum or is not that of the task. rows is the number of its rows.
func (w *Work) result(ctx context.Context, task string, rows int) (*bytes.Reader, error) {
	content, err := w.folder.Get(ctx, results+task)
	if errors.Is(err, shard.ErrDamaged) {
		return nil, &DamagedError{[]string{task}, err}
	}
	if err != nil {
		return nil, fmt.Errorf("the result of %s: %w", task, err)
	}
	var h header
	r, err := sealed.Open(content, resultKind, &h)
	if err == nil && h != (header{task, rows}) {
		err = fmt.Errorf("is that of %s with %d rows, want %d", h.Task, h.Rows, rows)
	}
	if err != nil {
		return nil, &DamagedError{[]string{task}, err}
	}
	return r, nil
}

// sealLists encodes the lists of a task of exact neighbours: their lengths, IDs and values.
func sealLists(task string, lists [][]exact.Ranked) ([]byte, error) {
	lengths := make([]int32, len(lists))
	var ids []int32
	var values []float64
	for i, list := range lists {
		lengths[i] = int32(len(list))
		for _, r := range list {
			ids, values = append(ids, r.ID), append(values, r.Value)
		}
	}
	return sealed.Seal(resultKind, header{task, len(lists)}, lengths, ids, values)
}

// lists decodes what sealLists encodes.
func (w *Work) lists(ctx context.Context, task string, rows int) ([][]exact.Ranked, error) {
	r, err := w.result(ctx, task, rows)
	if err != nil {
		return nil, err
	}
	lists, err := readLists(r, rows)
	if err != nil {
		return nil, &DamagedError{[]string{task}, err}
	}
	return lists, nil
}

func readLists(r *bytes.Reader, rows int) ([][]exact.Ranked, error) {
	lengths, err := sealed.Numbers[int32](r, rows)
	if err != nil {
		return nil, err
	}
	total := 0
	for _, n := range lengths {
		total += max(0, int(n))
	}
	ids, err := sealed.Numbers[int32](r, total)
	if err != nil {
		return nil, err
	}
	values, err := sealed.Numbers[float64](r, total)
	if err != nil {
		return nil, err
	}
	lists := make([][]exact.Ranked, rows)
	for i, n := range lengths {
		lists[i] = make([]exact.Ranked, max(0, n))
		for j := range lists[i] {
			lists[i][j] = exact.Ranked{ID: ids[j], Value: values[j]}
		}
		ids, values = ids[len(lists[i]):], values[len(lists[i]):]
	}
	return lists, nil
}

// embeddings decodes the result of a task of embeddings: rows × features numbers.
func (w *Work) embeddings(ctx context.Context, task string, rows int) ([]float32, error) {
	r, err := w.result(ctx, task, rows)
	if err != nil {
		return nil, err
	}
	data, err := sealed.Numbers[float32](r, rows*features)
	if err != nil {
		return nil, &DamagedError{[]string{task}, err}
	}
	return data, nil
}
