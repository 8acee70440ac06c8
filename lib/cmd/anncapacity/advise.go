package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"anncapacity/lib/advise"
	"anncapacity/lib/embedding"
)

func adviseCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("advise", flag.ContinueOnError)
	o := advise.Options{Progress: os.Stderr}
	path := flags.String("embeddings", "", "`FILE`: .npy, .fvecs, .bvecs, .parquet[:column] or .hdf5[:dataset] (required)")
	flags.IntVar(&o.K, "k", 100, "`neighbours` wanted of each point")
	flags.Float64Var(&o.Recall, "recall", 0.99, "wanted `share` of the exact neighbours, above 0 to 1")
	flags.Var((*numbers)(&o.M), "m", "`M` of the index, or several: 16,32 (default 32)")
	flags.Var((*numbers)(&o.EfConstruction), "ef-construction", "`efConstruction` of the index, or several: 100,200 (default 200)")
	flags.Var((*numbers)(&o.EfSearch), "ef-search", "`efSearch` at which to show what engines return for a larger k (default 16,40,50)")
	flags.IntVar(&o.Queries, "queries", 0, "`points` to ask about; 0 means all where the distances of all pairs fit into the memory, else 1000")
	flags.IntVar(&o.Builds, "builds", 0, "`graphs` to build and measure for each M and efConstruction, 1 to 64; 0 means 8 up to 20,000 vectors, else 2 or 3; with ties 16 or 32 up to 5,000")
	memory := flags.Float64("memory", 3, "`GiB` that it may take")
	flags.Uint64Var(&o.Seed, "seed", 42, "`seed` of the draw of queries and of the index")
	asJSON := flags.Bool("json", false, "print JSON instead of text")
	if err := parse(flags, args, "embeddings"); err != nil {
		return err
	}
	if !(*memory > 0 && *memory < 1<<20) {
		return fmt.Errorf("-memory %v: a number of GiB above 0 is expected", *memory)
	}
	o.Memory, o.Name = int64(*memory*(1<<30)), filepath.Base(*path)
	var err error
	if o.Base, err = embedding.Open(*path); err != nil {
		return err
	}
	report, err := advise.Run(ctx, o)
	if errors.Is(err, context.Canceled) {
		return errors.New("advise: stopped; it keeps nothing, so the same command begins anew")
	}
	if err != nil {
		return err
	}
	return show(report, *asJSON)
}

func show(report *advise.Report, asJSON bool) error {
	if !asJSON {
		_, err := fmt.Print(report)
		return err
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

// numbers is a flag of whole numbers separated by commas.
type numbers []int

func (n *numbers) String() string { return strings.Trim(fmt.Sprint([]int(*n)), "[]") }

func (n *numbers) Set(text string) error {
	*n = nil
	for _, word := range strings.Split(text, ",") {
		number, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return fmt.Errorf("%q is not a whole number", word)
		}
		*n = append(*n, number)
	}
	return nil
}
