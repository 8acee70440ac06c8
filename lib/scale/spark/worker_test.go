package spark

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"anncapacity/lib/scale"
)

// The processes that Spark starts in these tests are this test program, with these variables. They are what anncapacity scale task is:
// scale.Worker's Serve; and they can wait, fail, and note what they do.
const (
	logVariable   = "SPARK_TEST_LOG"   // file for one line a process, with its ID and its task
	sleepVariable = "SPARK_TEST_SLEEP" // time to wait before a task
	failVariable  = "SPARK_TEST_FAIL"  // end of the name of a task that fails
)

func TestMain(m *testing.M) {
	if os.Getenv(logVariable) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	err := serve(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "anncapacity:", err)
		os.Exit(1)
	}
}

// serve is the command scale task.
func serve(ctx context.Context, args []string) error {
	if len(args) < 2 || args[0] != "scale" || args[1] != "task" {
		return fmt.Errorf("the arguments are %q, want scale task …", args)
	}
	flags := flag.NewFlagSet("task", flag.ContinueOnError)
	work, run := flags.String("work", "", ""), flags.String("run", "", "")
	if err := flags.Parse(args[2:]); err != nil {
		return err
	}
	names, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	w, err := scale.OpenWorker(ctx, *work, scale.Options{Log: os.Stderr})
	if err != nil {
		return err
	}
	defer w.Close()
	ctx, stop := w.Follow(ctx, *run)
	defer stop()
	for _, task := range strings.Fields(string(names)) {
		if err := prepare(ctx, task); err != nil {
			return err
		}
		if err := w.Serve(ctx, []string{task}, nil, os.Stdout); err != nil {
			return err
		}
	}
	return nil
}

// prepare notes that the task begins, waits, and fails as the variables say.
func prepare(ctx context.Context, task string) error {
	log, err := os.OpenFile(os.Getenv(logVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	if _, err := fmt.Fprintf(log, "%d %s %s\n", os.Getpid(), task, os.Getenv("GOMAXPROCS")); err != nil {
		return err
	}
	pause, err := time.ParseDuration(os.Getenv(sleepVariable))
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
	}
	if end := os.Getenv(failVariable); end != "" && strings.HasSuffix(task, end) {
		return fmt.Errorf("task %s: the disk is on fire", task)
	}
	return nil
}
