package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
	"anncapacity/lib/audit/postgres"
	"anncapacity/lib/audit/qdrant"
	"anncapacity/lib/report"
)

// auditLive holds the flags of the audit of a live engine.
type auditLive struct {
	target           live.Target
	table, column    string
	where            string
	collection       string
	filter           string // expression, or name of a file
	truthFromVectors bool
	memory           float64
	engines          []*liveEngine
}

// liveEngine is an engine and the flag of its address.
type liveEngine struct {
	driver  live.Driver // Open is nil if the engine is not in this build
	address *string
	table   bool // it has tables, not collections
}

// addAuditLive adds the flags. drivers are those of the engines that only some builds have.
func addAuditLive(flags *flag.FlagSet, drivers []live.Driver) *auditLive {
	l := &auditLive{}
	for _, e := range []struct {
		driver live.Driver
		usage  string
		table  bool
	}{
		{postgres.Driver, "`URL` of a PostgreSQL with pgvector (postgres://user:password@host:port/database); needs -table and -column", true},
		{driver("duckdb", drivers), "`FILE` of DuckDB with an index of vss, opened to be read only; needs -table and -column", true},
		{driver("milvus", drivers), "`address` of a Milvus (host:port), whose token is read from MILVUS_TOKEN; needs -collection", false},
		{qdrant.Driver, "`URL` of a Qdrant (http://host:6333), whose key is read from QDRANT_API_KEY; needs -collection", false},
	} {
		l.engines = append(l.engines, &liveEngine{e.driver, flags.String(e.driver.Flag, "", e.usage), e.table})
	}
	flags.StringVar(&l.table, "table", "", "`table`, as the catalog of the database names it: items or public.items")
	flags.StringVar(&l.column, "column", "", "`column` of the table, field of the collection of Milvus, or named vector of Qdrant")
	flags.StringVar(&l.target.ID, "id", "", "`column` that identifies a row of the table (default the primary key or the place of the row)")
	flags.StringVar(&l.where, "where", "", "`condition` in SQL that every query has: \"status = 'active'\"")
	flags.StringVar(&l.collection, "collection", "", "`collection` of Milvus or Qdrant")
	flags.StringVar(&l.filter, "filter", "", "filter that every query has: an `expression` of Milvus, or FILE.json with a filter of Qdrant")
	flags.DurationVar(&l.target.Timeout, "timeout", time.Minute, "time `limit` of each statement or request to a live engine")
	flags.BoolVar(&l.truthFromVectors, "truth-from-vectors", false,
		"read all vectors of the live engine, compute the exact neighbours here, and check the engine's own exact scan")
	flags.Float64Var(&l.memory, "memory", 3, "maximum memory of -truth-from-vectors in `GiB`")
	return l
}

// driver returns the driver with the flag, or one without Open.
func driver(flag string, drivers []live.Driver) live.Driver {
	for _, d := range drivers {
		if d.Flag == flag {
			return d
		}
	}
	return live.Driver{Flag: flag}
}

// asked returns the engines whose address is given.
func (l *auditLive) asked() (of []*liveEngine) {
	for _, e := range l.engines {
		if *e.address != "" {
			of = append(of, e)
		}
	}
	return of
}

// check checks the flags before anything is asked.
func (l *auditLive) check(o auditOptions) error {
	e := l.asked()[0]
	flag := e.driver.Flag
	if e.driver.Open == nil {
		return fmt.Errorf("-%s: the engine is not in this program; make engines builds one that has it", flag)
	}
	if err := l.checkNames(e); err != nil {
		return err
	}
	if _, err := gib(l.memory); err != nil {
		return err
	}
	if l.target.Timeout < time.Millisecond {
		return fmt.Errorf("-timeout %v: must be at least 1ms", l.target.Timeout)
	}
	if flag == "qdrant" && l.filter != "" {
		return input{"filter", l.filter}.check()
	}
	if flag == "duckdb" {
		return input{flag, *e.address}.check()
	}
	return nil
}

// checkNames checks that the flags that name an index are those of the engine.
func (l *auditLive) checkNames(e *liveEngine) error {
	flag := e.driver.Flag
	for _, f := range []struct {
		name, value string
		ofTable     bool
		required    bool
	}{
		{"table", l.table, true, true}, {"column", l.column, e.table, e.table}, {"where", l.where, true, false}, {"id", l.target.ID, true, false},
		{"collection", l.collection, false, true}, {"filter", l.filter, false, false},
	} {
		switch {
		case f.value == "" && f.required && f.ofTable == e.table:
			return fmt.Errorf("-%s: needs -%s", flag, f.name)
		case f.value != "" && f.ofTable != e.table:
			return fmt.Errorf("-%s: has no effect with -%s", f.name, flag)
		}
	}
	return nil
}

// run audits the index. If the engine fails, both results are set: the report holds what was measured before.
func (l *auditLive) run(ctx context.Context, o auditOptions) (*report.Report, error) {
	e, target := l.asked()[0], l.target
	target.Address, target.Column, target.Metric = *e.address, l.column, o.metric
	target.Name, target.Filter = l.table+l.collection, l.where+l.filter
	if e.driver.Flag == "qdrant" && l.filter != "" {
		text, err := os.ReadFile(l.filter)
		if err != nil {
			return nil, fmt.Errorf("-filter: %w", err)
		}
		target.Filter = string(text)
	}
	asked := live.Options{K: o.K, EfSearch: o.EfSearch, Wanted: o.Recall, Sample: o.Sample, Seed: o.Seed, TruthFromVectors: l.truthFromVectors, Progress: o.progress}
	asked.Memory, _ = gib(l.memory) // checked
	var err error
	if asked.Queries, err = liveQueries(ctx, o.queries); err != nil {
		return nil, err
	}
	session, err := e.driver.Open(ctx, target)
	if err != nil {
		return nil, fmt.Errorf("-%s: %w", e.driver.Flag, err)
	}
	r, err := live.Run(ctx, session, asked)
	if r != nil && o.queries != "" && o.queries != ownPoints {
		r.Notes = append(r.Notes, fmt.Sprintf("The given queries are those of %s.", filepath.Base(o.queries)))
	}
	return r, errors.Join(err, session.Close())
}

// liveQueries reads the file of queries. Without one, a sample of the stored vectors is asked.
func liveQueries(ctx context.Context, path string) (ann.Vectors, error) {
	if path == "" || path == ownPoints {
		return ann.Vectors{}, nil
	}
	return openEmbeddings(ctx, path)
}

// flagNames returns the flags of the addresses.
func (l *auditLive) flagNames() (names []string) {
	for _, e := range l.engines {
		names = append(names, "-"+e.driver.Flag)
	}
	return names
}

// liveFlags are the flags of live engines alone, except those of the addresses.
func liveFlags() []string {
	return []string{"-table", "-column", "-id", "-where", "-collection", "-filter", "-timeout", "-truth-from-vectors", "-memory"}
}
