// Package spark runs the tasks of a job on an existing cluster of Spark 4, through Spark Connect. It is a separate module, because the
// client depends on gRPC and thirty more modules.
//
// Only the names of tasks cross. The query is
//
//	SELECT TRANSFORM (task) USING 'anncapacity scale task --work URL --run NAME' AS (task STRING, how STRING) FROM …
//
// over a table with the names, in as many partitions as there are workers. Spark starts one process for each partition on a core that is
// free, and starts it again elsewhere when an executor or a worker is lost; what is stored is not computed again. Executors need the
// program at the same path, and access to the work folder and the data. They exchange no rows. A process that lost its executor may go
// on until it has stored a result, which is the same result.
package spark

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/apache/spark-connect-go/spark/client/channel"
	"github.com/apache/spark-connect-go/spark/sql"

	"anncapacity/lib/scale"
)

// New returns a runner on the cluster of a Spark Connect server. remote is its address, such as sc://host:15002, with the parameters that
// Spark documents. program is the command of the program on the executors, as the shell reads it; "" means anncapacity, on their PATH.
func New(remote, program string) scale.Runner {
	if program == "" {
		program = "anncapacity"
	}
	return &runner{remote, program}
}

type runner struct{ remote, program string }

// interval is the time between two looks into the work folder: Spark returns rows only at the end.
const interval = 2 * time.Second

// Run implements scale.Runner. Each worker is one process, to which Spark gives an equal share of the tasks; with as many workers as
// tasks, each task has its own process, on the next core that is free. Spark starts as many processes at a time as the cluster has cores.
// A process uses as many threads as spark.task.cpus of the cluster says.
// Spark starts a process that failed as often as spark.task.maxFailures of the cluster says, by default four times. The error of a task
// that failed is what it wrote to standard error.
func (r *runner) Run(ctx context.Context, work string, tasks []string, workers int, done func(task string)) error {
	w, err := scale.OpenWork(ctx, work)
	if err != nil {
		return err
	}
	defer w.Close()
	// Spark does not end the process of a query that was ended: the process follows the run.
	command := "scale task --work " + quote(work)
	if running, err := w.Running(ctx, scale.RunName()); err != nil {
		return err
	} else if running {
		command += " --run " + quote(scale.RunName())
	}
	reported := map[string]bool{}
	watching, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		results := &scale.Indexed{Interval: interval}
		ended <- results.Run(watching, work, tasks, workers, func(task string) { reported[task] = true; done(task) })
	}()
	err = r.submit(ctx, command, tasks, workers)
	stop()
	<-ended // what it did not see is looked up below
	if ctx.Err() != nil {
		return ctx.Err()
	}
	missing, failed := absent(ctx, w, tasks)
	if failed == nil {
		report(tasks, missing, reported, done)
	}
	switch {
	case err != nil:
		return fmt.Errorf("spark %s: %w", r.remote, explain(err))
	case failed == nil && len(missing) > 0:
		return fmt.Errorf("spark %s: the query ended without an error, but %d of %d results are not in %s: is it the same folder on the executors?",
			r.remote, len(missing), len(tasks), work)
	}
	return failed
}

// absent returns those of the tasks that have no result.
func absent(ctx context.Context, w *scale.Work, tasks []string) (map[string]bool, error) {
	all, err := w.Missing(ctx)
	missing, ours := map[string]bool{}, map[string]bool{}
	for _, task := range tasks {
		ours[task] = true
	}
	for _, task := range all {
		if ours[task] {
			missing[task] = true
		}
	}
	return missing, err
}

// report calls done for the tasks that have a result and were not reported.
func report(tasks []string, missing, reported map[string]bool, done func(task string)) {
	for _, task := range tasks {
		if !missing[task] && !reported[task] {
			done(task)
		}
	}
}

// submit runs the query. It returns when all tasks have ended, or one failed as often as Spark permits, or ctx is done, which ends
// the query in the cluster, too.
func (r *runner) submit(ctx context.Context, command string, tasks []string, workers int) (err error) {
	builder, err := channel.NewBuilder(r.remote)
	if err != nil {
		return err
	}
	c := &connection{BaseBuilder: builder}
	session, err := sql.NewSessionBuilder().WithChannelBuilder(c).Build(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if failed := c.close(ctx); failed != nil && err == nil {
			err = fmt.Errorf("the session did not end: %w", failed)
		}
	}()
	threads, err := session.Config().GetWithDefault(ctx, "spark.task.cpus", "1")
	if err != nil {
		return err
	}
	query, err := statement(r.program+" "+command, threads, tasks, workers)
	if err != nil {
		return err
	}
	frame, err := session.Sql(ctx, query)
	if err != nil {
		return err
	}
	_, err = frame.Collect(ctx)
	return err
}

var (
	taskForm   = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	numberForm = regexp.MustCompile(`^[1-9][0-9]*$`)
)

// statement returns the query. The rows of range lie in equal shares in its partitions, in order.
func statement(command, threads string, tasks []string, workers int) (string, error) {
	for _, task := range tasks {
		if !taskForm.MatchString(task) {
			return "", fmt.Errorf("task %q: the name has characters other than letters, digits, dots, hyphens and underscores", task)
		}
	}
	if !numberForm.MatchString(threads) {
		return "", fmt.Errorf("spark.task.cpus is %q, not a number", threads)
	}
	if strings.ContainsAny(command, "\x00\n\r") {
		return "", errors.New("the program or the work folder has a line break")
	}
	return fmt.Sprintf("SELECT TRANSFORM (task) USING %s AS (task STRING, how STRING) "+
		"FROM (SELECT element_at(split(%s, ' '), CAST(id AS INT) + 1) AS task FROM range(0, %d, 1, %d))",
		literal("GOMAXPROCS="+threads+" exec "+command), literal(strings.Join(tasks, " ")), len(tasks), max(1, min(workers, len(tasks)))), nil
}

// quote returns a word of the shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// literal returns a string literal of Spark's SQL.
func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// subprocess matches what Spark reports of a process that failed, with the end of its standard error.
var subprocess = regexp.MustCompile(`(?s)Subprocess exited with status (\d+)\. Error: (.*?)\n?(?:\tat |\nDriver stacktrace|$)`)

// explain returns the error of a query. Of a task that failed it is what the task wrote to standard error.
func explain(err error) error {
	if m := subprocess.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("a task failed, exit status %s: %s", m[1], strings.TrimSpace(strings.TrimSuffix(m[2], "\n.")))
	}
	return err
}
