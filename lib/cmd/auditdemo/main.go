// Command auditdemo shows the audit of a live table. It fills a table in a PostgreSQL of its own, audits it with the command
// anncapacity audit, without a filter and with three, and leaves the reports as HTML and JSON.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"

	"anncapacity/lib/audit/postgres/demo"
	"anncapacity/lib/engine/pgvector"
	"anncapacity/lib/internal/atomicfile"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "auditdemo:", err)
		stop()
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	program, out string
	rows, d      int
	seed         uint64
}

func run(ctx context.Context) (err error) {
	var o options
	flag.StringVar(&o.program, "program", "bin/anncapacity", "the `program` anncapacity")
	flag.StringVar(&o.out, "out", "out/audit-demo", "`folder` of the reports")
	flag.IntVar(&o.rows, "rows", 200_000, "number of `rows` of the table")
	flag.IntVar(&o.d, "d", 64, "`dimension` of the vectors")
	flag.Uint64Var(&o.seed, "seed", 1, "`seed` of the vectors")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	database, err := pgvector.NewDatabase(ctx, "maintenance_work_mem=1GB", "max_parallel_workers_per_gather=0")
	if err != nil {
		return err
	}
	defer func() {
		if failed := database.Close(); err == nil {
			err = failed
		}
	}()
	if err := o.fill(ctx, database); err != nil {
		return err
	}
	for _, filter := range append([]string{""}, demo.Filters...) {
		if err := o.audit(ctx, database, filter); err != nil {
			return err
		}
	}
	return nil
}

// fill creates the table.
func (o options) fill(ctx context.Context, database *pgvector.Database) error {
	conn, err := pgx.Connect(ctx, database.URL("postgres", ""))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return demo.Fill(ctx, conn, demo.Options{Rows: o.rows, D: o.d, Seed: o.seed, Progress: os.Stderr})
}

// audit audits the table as the role that may only read, and writes report.html and report.json, or report-new.html for the filter
// status = 'new'.
func (o options) audit(ctx context.Context, database *pgvector.Database, filter string) error {
	name := "report"
	args := []string{"audit", "--pgvector", database.URL(demo.Role, ""), "--table", demo.Table, "--column", demo.Column, "--k", "40", "--json"}
	if filter != "" {
		name += "-" + strings.Trim(strings.TrimPrefix(filter, "status = "), "'")
		args = append(args, "--where", filter)
	}
	path := filepath.Join(o.out, name)
	args = append(args, "--report", path+".html")
	fmt.Fprintf(os.Stderr, "%s audit --pgvector \"$DATABASE_URL\" %s\n", o.program, quoted(args[3:]))
	cmd := exec.CommandContext(ctx, o.program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return atomicfile.Write(path+".json", func(w io.Writer) error { _, err := w.Write(text); return err })
}

// quoted returns arguments as they are written in a shell.
func quoted(args []string) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = a
		if strings.ContainsAny(a, " '") {
			words[i] = `"` + a + `"`
		}
	}
	return strings.Join(words, " ")
}
