package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"anncapacity/lib/growth"
	"anncapacity/lib/internal/table"
)

// Targets of the large sets: how much faster the construction is than that of the fastest peer, how many more queries a search
// answers than the fastest peer's, and what a walk costs relative to a search.
const (
	buildTarget  = 1.5
	searchTarget = 1
	walkTarget   = 1.5
)

// setTable holds the medians of each engine on one set, in the order of growth.Engines.
type setTable struct {
	About          string
	M              int
	EfConstruction int
	K, Rounds      int
	medians        []growth.Record
}

// timeSets measures the large sets.
func (p *page) timeSets(ctx context.Context, o options) error {
	for _, name := range []string{growth.Words, growth.Clustered, growth.Photographs} {
		n := o.sets[name]
		if n == 0 {
			continue
		}
		if err := growth.Available(name, o.photographs); err != nil {
			p.Absent = append(p.Absent, fmt.Sprintf("%s (%v)", name, err))
			continue
		}
		about, err := growth.About(name)
		if err != nil {
			return err
		}
		records, err := o.records(ctx, filepath.Join("out", "bench"), growth.Series(name, []int{n}, o.rounds))
		if err != nil {
			return err
		}
		s := setTable{about, growth.M, growth.EfConstruction, growth.K, o.rounds, medians(records)}
		fmt.Printf("\n%s\n\n%s\n", s.Title(), s.Table())
		p.Sets = append(p.Sets, s)
	}
	return nil
}

// records measures jobs with the peers in processes of their own and shows which is done.
func (o options) records(ctx context.Context, out string, jobs []growth.Job) ([]growth.Record, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return growth.Run(ctx, jobs, growth.Options{
		Out: out, Photographs: o.photographs, Program: []string{program, "-measure"},
		Python: filepath.Join(".local", "peers", "bin", "python"), Script: filepath.Join("environment", "peers", "growth.py"),
		Done: func(j growth.Job, stored bool) {
			state := "measured"
			if stored {
				state = "stored before"
			}
			fmt.Fprintf(os.Stderr, "%s, %s points of %s, round %d: %s\n", j.Engine, thousands(j.Points), j.Set, j.Round+1, state)
		},
	})
}

// grow measures the series of growing numbers of points and writes its records.
func grow(ctx context.Context, o options) error {
	var points []int
	for n := 1000; n <= o.most; n *= 10 {
		points = append(points, n)
		if 3*n <= o.most {
			points = append(points, 3*n)
		}
	}
	if len(points) == 0 {
		return fmt.Errorf("-most %d: must be at least 1000", o.most)
	}
	records, err := o.records(ctx, o.growth, growth.Series(growth.Clustered, points, 1))
	if err != nil {
		return err
	}
	return table.WriteRows(filepath.Join(o.growth, growth.File), records)
}

// medians returns a record of each engine with the medians over the rounds.
func medians(records []growth.Record) (all []growth.Record) {
	for _, engine := range growth.Engines {
		var rounds []growth.Record
		for _, r := range records {
			if r.Engine == engine {
				rounds = append(rounds, r)
			}
		}
		if len(rounds) == 0 {
			continue
		}
		m := rounds[0]
		for _, field := range []func(r *growth.Record) *float64{
			func(r *growth.Record) *float64 { return &r.Build }, func(r *growth.Record) *float64 { return &r.Memory },
			func(r *growth.Record) *float64 { return &r.Held },
			func(r *growth.Record) *float64 { return &r.Single50 }, func(r *growth.Record) *float64 { return &r.Single200 },
			func(r *growth.Record) *float64 { return &r.Batch50 }, func(r *growth.Record) *float64 { return &r.Batch200 },
			func(r *growth.Record) *float64 { return &r.Walk50 }, func(r *growth.Record) *float64 { return &r.Walk200 },
			func(r *growth.Record) *float64 { return &r.Overlap50 }, func(r *growth.Record) *float64 { return &r.Overlap200 },
			func(r *growth.Record) *float64 { return &r.Exact },
		} {
			slices.SortFunc(rounds, func(a, b growth.Record) int { return cmp.Compare(*field(&a), *field(&b)) })
			*field(&m) = *field(&rounds[len(rounds)/2])
		}
		all = append(all, m)
	}
	return all
}

// Title names the set by its shape.
func (s setTable) Title() string {
	first := s.medians[0]
	return fmt.Sprintf("HNSW on %s × %d (%s)", thousands(first.Points), first.Dimensions, first.Set)
}

// Queries returns the number of queries.
func (s setTable) Queries() string { return thousands(s.medians[0].Queries) }

// Table returns a row for each engine.
func (s setTable) Table() string {
	var b strings.Builder
	b.WriteString("| engine | build, s | memory, MB: index · most during the build | overlap | queries/s, one at a time | queries/s, all at once | walks/s | exact queries/s |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range s.medians {
		walks, exact := "", ""
		if r.Walk50 > 0 {
			walks = fmt.Sprintf("%.0f · %.0f", r.Walk50, r.Walk200)
		}
		if r.Exact > 0 {
			exact = fmt.Sprintf("%.0f", r.Exact)
		}
		fmt.Fprintf(&b, "| %s | %.2f | %.1f · %.1f | %.3f · %.3f | %.0f · %.0f | %.0f · %.0f | %s | %s |\n",
			r.Engine, r.Build, r.Held, r.Memory, r.Overlap50, r.Overlap200, r.Single50, r.Single200, r.Batch50, r.Batch200, walks, exact)
	}
	return b.String()
}
