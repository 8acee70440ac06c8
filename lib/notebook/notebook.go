// Package notebook provides the functions that cells of notebooks need in addition to the library: the job and its results, a
// context that is cancelled when the cell is interrupted, errors of one line, and the display of figures, pictures, tables and
// text under the cell.
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

// grace is the time that an interrupted cell has to end by itself. The Go kernel kills it after five seconds.
const grace = 4 * time.Second

// interruptible returns a context that is cancelled when the cell is interrupted. If the program still runs after grace, it is
// ended.
func interruptible() context.Context {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, func() {
		time.Sleep(grace)
		end(ctx.Err())
	})
	return ctx
}

// end ends the program if err is not nil.
func end(err error) {
	if err == nil {
		return
	}
	gonbui.Sync() // waits until all displays have arrived
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "interrupted: finished results are kept. Run this cell again to continue.")
		os.Exit(130)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
