// Package notebook is what a cell of a notebook needs beside the library: the job and its results, a context that ends when
// the cell is interrupted, errors in one line, and figures, pictures, tables and sentences shown under the cell.
package notebook

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
)

// grace is what an interrupted cell has to end in order. The Go kernel kills it after five seconds.
const grace = 4 * time.Second

// interruptible returns a context that ends when the cell is interrupted. What has not ended soon after is left where it is.
func interruptible() context.Context {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, func() {
		time.Sleep(grace)
		end(ctx.Err())
	})
	return ctx
}

// end ends the program where there is an error.
func end(err error) {
	if err == nil {
		return
	}
	gonbui.Sync() // what was shown before has arrived
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "interrupted: what is computed is kept. Run this cell again, and it goes on from there.")
		os.Exit(130)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
