package driver

import (
	"context"
	"fmt"
	"strings"

	"anncapacity/lib/engine"
)

// AskBelow implements engine.Filterer.
func (x *Index) AskBelow(ctx context.Context, query []float32, k int, below int32) (engine.Answer, error) {
	return x.ask(ctx, query, x.statement(fmt.Sprintf("WHERE attribute < %d", below), k))
}

// Delete implements engine.Deleter.
func (x *Index) Delete(ctx context.Context, ids []int32) error {
	list := strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ", "), "[]")
	_, err := x.db.ExecContext(ctx, "DELETE FROM items WHERE id IN ("+list+")")
	return err
}
