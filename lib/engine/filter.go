package engine

import (
	"context"
	"errors"
	"fmt"

	"anncapacity/lib/ann"
)

// AskBelow implements Index.
func (x *index) AskBelow(ctx context.Context, query []float32, k int, below int32) (Answer, error) {
	var a Answer
	err := x.checked(ctx, One(query), k, func(queries ann.Vectors) (err error) {
		f, ok := x.adapter.(Filterer)
		switch {
		case !ok || x.engine.Filter == "":
			return fmt.Errorf("a filtered search %w", ErrUnsupported)
		case x.o.Attributes == nil:
			return errors.New("the index was built without attributes")
		}
		a, err = f.AskBelow(ctx, queries.Data, k, below)
		return err
	})
	if err != nil {
		return Answer{}, err
	}
	return a, nil
}

// Delete implements Index.
func (x *index) Delete(ctx context.Context, ids []int32) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.engine.named(ctx, x.delete(ctx, ids))
}

func (x *index) delete(ctx context.Context, ids []int32) error {
	if x.adapter == nil {
		return errClosed
	}
	d, ok := x.adapter.(Deleter)
	if !ok || x.engine.Delete == "" {
		return fmt.Errorf("a deletion %w", ErrUnsupported)
	}
	if err := errors.Join(x.checkDeletion(ids), ctx.Err()); err != nil || len(ids) == 0 {
		return err
	}
	if err := d.Delete(ctx, ids); err != nil {
		return err
	}
	if x.deleted == nil {
		x.deleted = make(map[int32]bool)
	}
	for _, id := range ids {
		x.deleted[id] = true
	}
	return nil
}

// checkDeletion returns an error if an ID is not one of the base, was deleted before, or occurs twice.
func (x *index) checkDeletion(ids []int32) error {
	here := make(map[int32]bool, len(ids))
	for _, id := range ids {
		switch {
		case id < 0 || int(id) >= x.n:
			return fmt.Errorf("delete: ID %d is not one of %d vectors", id, x.n)
		case x.deleted[id] || here[id]:
			return fmt.Errorf("delete: vector %d is deleted already", id)
		}
		here[id] = true
	}
	return nil
}
