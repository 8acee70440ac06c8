package command

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"anncapacity/lib/advise"
)

func adviseCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("advise", flag.ContinueOnError)
	o := advise.Options{Progress: os.Stderr}
	path := flags.String("embeddings", "", embeddingsHelp)
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
	var err error
	if o.Memory, err = gib(*memory); err != nil {
		return err
	}
	if err := (input{"embeddings", *path}).check(); err != nil {
		return err
	}
	o.Name = filepath.Base(*path)
	if o.Base, err = openEmbeddings(ctx, *path); err != nil {
		return err
	}
	if err := checkK("k", []int{o.K}, *path, o.Base.N); err != nil {
		return err
	}
	report, err := advise.Run(ctx, o)
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

// numbers is a flag of whole numbers separated by commas; one that is given twice counts once.
type numbers []int

func (n *numbers) String() string { return strings.Trim(fmt.Sprint([]int(*n)), "[]") }

func (n *numbers) Set(text string) error {
	*n = nil
	for _, word := range strings.Split(text, ",") {
		number, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return fmt.Errorf("%q is not a whole number", word)
		}
		if !slices.Contains(*n, number) {
			*n = append(*n, number)
		}
	}
	return nil
}
