package live

import (
	"context"
	"errors"
	"fmt"

	"anncapacity/lib/internal/progress"
)

// block is the number of queries that are asked at every setting, and then exactly, before the next ones. If the engine fails,
// at most the answers to one block are lost; and the time of day affects all settings alike.
const block = 10

// measure asks every query at every setting and exactly.
func (a *audit) measure(ctx context.Context) error {
	for _, r := range a.rows {
		if err := a.explain(ctx, r); err != nil {
			return err
		}
	}
	total := (len(a.rows) + 1) * len(a.queries)
	bar := progress.New(a.o.Progress, a.index.Name, total, "queries")
	defer bar.Stop()
	for from := 0; from < len(a.queries); from += block {
		to := min(from+block, len(a.queries))
		for _, r := range a.rows {
			if err := a.ask(ctx, r, from, to); err != nil {
				return err
			}
			bar.Add(to - from)
		}
		for i := from; i < to; i++ {
			if err := a.askExactly(ctx, i); err != nil {
				return fmt.Errorf("exact scan: %w", err)
			}
			a.complete++
			bar.Add(1)
		}
	}
	return nil
}

// explain stores the plan of the row's first query.
func (a *audit) explain(ctx context.Context, r *row) (err error) {
	r.plan, err = a.engine.Plan(ctx, a.queries[0].Vector, r.k, r.setting)
	return r.reject(err)
}

// reject stores an error that wraps ErrRejected, and returns others.
func (r *row) reject(err error) error {
	if errors.Is(err, ErrRejected) {
		r.rejected = err
		return nil
	}
	return err
}

// ask asks queries from … to−1 at the row's setting.
func (a *audit) ask(ctx context.Context, r *row, from, to int) (err error) {
	for i := from; i < to && r.rejected == nil; i++ {
		r.answers[i], err = a.engine.Ask(ctx, a.queries[i].Vector, r.k, r.setting)
		if err := r.reject(err); err != nil {
			return fmt.Errorf("k = %d, %s = %d: %w", r.k, a.index.Effort, r.setting.EfSearch, err)
		}
	}
	return nil
}

// askExactly asks query i for the largest k without the index. The exact neighbours for a smaller k are the first of them.
func (a *audit) askExactly(ctx context.Context, i int) (err error) {
	most := a.o.K[len(a.o.K)-1]
	if a.vectors == nil {
		a.truths[i], err = a.engine.Exact(ctx, a.queries[i].Vector, most)
		return err
	}
	if a.index.NoExactScan {
		return nil
	}
	a.exact[i], err = a.engine.Exact(ctx, a.queries[i].Vector, most)
	if err == nil && !a.agrees(i) {
		a.disagree = append(a.disagree, a.queries[i].Name)
	}
	return err
}
