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
)

func adviseCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("advise", flag.ContinueOnError)
	o := advise.Options{Progress: os.Stderr}
	path := flags.String("embeddings", "", strings.Replace(embeddingsHelp, "(required)", "(required without -storage)", 1))
	storageFolder := flags.String("storage", "", "`folder` of a storage study: determines which way to lay out vectors on a disk instead (with -k, -recall, -memory and -json only)")
	flags.IntVar(&o.K, "k", 100, fmt.Sprintf("number of `neighbours` of each query; with -storage the default is %d", storageK))
	flags.Float64Var(&o.Recall, "recall", 0.99, "`recall` to reach: the share of the exact neighbours that is found, above 0 and at most 1; with -storage the default is "+fmt.Sprint(storageRecall))
	flags.Var((*numbers)(&o.M), "m", "`M` of the index, or several values: 16,32 (default 32)")
	flags.Var((*numbers)(&o.EfConstruction), "ef-construction", "`efConstruction` of the index, or several values: 100,200 (default 200)")
	flags.Var((*numbers)(&o.EfSearch), "ef-search", "values of `efSearch` for which to report what engines return when k is larger (default 16,40,50)")
	flags.IntVar(&o.Queries, "queries", 0, "number of `points` that are queries; 0 means all if the distances of all pairs fit into the memory, otherwise 1000")
	flags.IntVar(&o.Builds, "builds", 0, "number of `graphs` to build and evaluate for each M and efConstruction, 1 to 64; 0 means 8 for up to 20,000 vectors, otherwise 2 or 3; with ties, 16 or 32 for up to 5,000")
	memory := flags.Float64("memory", 3, "maximum memory in `GiB`; with -storage the maximum of a search, without limit unless the flag is given")
	flags.Uint64Var(&o.Seed, "seed", 42, "`seed` of the index and of the random choice of queries")
	asJSON := flags.Bool("json", false, "print JSON instead of text")
	if err := parse(flags, args); err != nil {
		return err
	}
	var err error
	if o.Memory, err = gib(*memory); err != nil {
		return err
	}
	if *storageFolder != "" {
		return adviseStorage(flags, *storageFolder, o.K, o.Recall, o.Memory, *asJSON)
	}
	if *path == "" {
		return errors.New("advise: -embeddings or -storage is required (anncapacity advise -h)")
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
