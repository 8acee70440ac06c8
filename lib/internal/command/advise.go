package command

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"anncapacity/lib/advise"
	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/sharding"
)

// adviseFlags are the flags of advise.
type adviseFlags struct {
	advise.Options
	path, storage string
	shards        int
	shardBy       string
	queries       *queryFlags
	memory        float64
	json          bool
}

func addAdvise(flags *flag.FlagSet) *adviseFlags {
	f := &adviseFlags{Options: advise.Options{K: []int{100}, Progress: os.Stderr}, queries: addQueries(flags)}
	f.queries.addTruth(flags)
	flags.StringVar(&f.path, "embeddings", "", strings.Replace(embeddingsHelp, "(required)", "(required without -storage)", 1))
	flags.StringVar(&f.storage, "storage", "", "`folder` of a storage study: determines which way to lay out vectors on a disk instead (with -k, -recall, -memory and -json only)")
	flags.Var((*numbers)(&f.K), "k", fmt.Sprintf("number of `neighbours` of each query, or several: 10,100; with -storage one, by default %d", storageK))
	flags.Float64Var(&f.Recall, "recall", 0.99, "mean `recall` to reach: the share of the exact neighbours that is found, above 0 and at most 1; with -storage the default is "+fmt.Sprint(storageRecall))
	flags.Float64Var(&f.Share, "share", 0.99, "`share` of the queries that are to reach -recall each, above 0 and at most 1, for a second advice")
	flags.StringVar(&f.Engine, "engine", "", "words the advice for an `engine`: "+engineKeys())
	flags.Var((*numbers)(&f.M), "m", "`M` of the index, or several values: 16,32 (default 32)")
	flags.Var((*numbers)(&f.EfConstruction), "ef-construction", "`efConstruction` of the index, or several values: 100,200 (default 200)")
	flags.Var((*numbers)(&f.EfSearch), "ef-search", "values of `efSearch` whose recall is reported, and what engines return when k is larger (default 16,40,50)")
	flags.IntVar(&f.Sample, "sample", 0, "number of `queries`, drawn at random; 0 means all of -queries, at most 10000; of points, all if the distances of all pairs fit into the memory, otherwise 4000")
	flags.IntVar(&f.Builds, "builds", 0, "number of `graphs` to build and evaluate for each M and efConstruction, 1 to 64; 0 means 8 for up to 20,000 vectors, otherwise 2 or 3; with ties, 16 or 32 for up to 5,000")
	flags.Float64Var(&f.memory, "memory", 3, "maximum memory in `GiB`; with -storage the maximum of a search, without limit unless the flag is given")
	flags.Uint64Var(&f.Seed, "seed", 42, "`seed` of the index and of the random choice of queries")
	flags.IntVar(&f.shards, "shards", 0, "number of `shards` that the index is split into: determines the efSearch of every shard, on shards that are built")
	flags.StringVar(&f.shardBy, "shard-by", string(sharding.Random), "how vectors are dealt to -shards: `random`, as by a hash of a key, or cell, by nearness (k-means)")
	flags.BoolVar(&f.json, "json", false, "print JSON (docs/report.schema.json) instead of text")
	return f
}

// engineKeys returns the keys of the engines with words, separated by commas.
func engineKeys() string {
	var keys []string
	for _, w := range engine.Worded() {
		keys = append(keys, w.Key)
	}
	return strings.Join(keys, ", ")
}

func adviseCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("advise", flag.ContinueOnError)
	f := addAdvise(flags)
	if err := parse(flags, args); err != nil {
		return err
	}
	var err error
	if f.Memory, err = gib(f.memory); err != nil {
		return err
	}
	if f.storage != "" {
		if len(f.K) > 1 {
			return errors.New("-k: only one value with -storage")
		}
		return adviseStorage(flags, f.storage, f.K[0], f.Recall, f.Memory, f.json)
	}
	switch {
	case given(flags, "shards"):
		return f.adviseShards(ctx, flags)
	case given(flags, "shard-by"):
		return errors.New("-shard-by: only with -shards")
	}
	if err := f.read(ctx); err != nil {
		return err
	}
	defer memory.CollectEarly()()
	report, err := advise.Run(ctx, f.Options)
	if err != nil {
		return err
	}
	return show(report, f.json)
}

// read checks the flags and reads the vectors, the queries and the truth.
func (f *adviseFlags) read(ctx context.Context) (err error) {
	if f.path == "" {
		return errors.New("advise: -embeddings or -storage is required (anncapacity advise -h)")
	}
	if err := (input{"embeddings", f.path}).check(); err != nil {
		return err
	}
	if f.Engine != "" {
		if _, err := engine.WordsFor(f.Engine); err != nil {
			return fmt.Errorf("-engine: %w", err)
		}
	}
	if f.Metric, err = f.queries.check(); err != nil {
		return err
	}
	f.Name = filepath.Base(f.path)
	if f.Base, err = openEmbeddings(ctx, f.path); err != nil {
		return err
	}
	q, err := f.queries.open(ctx, asked{path: f.path, base: f.Base, whole: true, k: slices.Max(f.K)})
	if err != nil {
		return err
	}
	if f.Queries, f.Truth = q.Vectors, q.Truth; q.N > 0 {
		if err := ann.CheckRange(q.Vectors, f.Metric); err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
	}
	return nil
}

// show prints a report as text or as JSON.
func show(report fmt.Stringer, asJSON bool) error {
	if !asJSON {
		_, err := fmt.Print(report)
		return err
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

// numbers is a flag of integers, separated by commas. It ignores duplicates.
type numbers []int

func (n *numbers) String() string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint([]int(*n)), "[]"), " ", ",")
}

func (n *numbers) Set(text string) error {
	*n = nil
	for _, word := range strings.Split(text, ",") {
		number, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return fmt.Errorf("%q is not an integer", word)
		}
		if !slices.Contains(*n, number) {
			*n = append(*n, number)
		}
	}
	return nil
}
