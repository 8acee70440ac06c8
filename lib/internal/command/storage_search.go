package command

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"anncapacity/lib/storage"
	"anncapacity/lib/storage/postings"
)

func storageSearchCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("storage search", flag.ContinueOnError)
	folder := flags.String("index", "", "`folder` of the index (required)")
	path := flags.String("queries", "", coordinatesHelp)
	k := flags.Int("k", 10, "number of `neighbours` of each query")
	recall := flags.Float64("recall", .95, "mean `recall` to reach, for which the search was calibrated when the index was built")
	asJSON := flags.Bool("json", false, "print the neighbours and the costs as JSON")
	cached := flags.Bool("cached", false, "read through the page cache, which makes repeated queries faster and uses memory outside of the program")
	if err := parse(flags, args, "index", "queries"); err != nil {
		return err
	}
	if !(*recall > 0 && *recall <= 1) {
		return fmt.Errorf("-recall %v: must be above 0 and at most 1", *recall)
	}
	if err := errors.Join(atLeast(1, "k", *k), (input{"queries", *path}).check()); err != nil {
		return err
	}
	o := postings.Options{}
	if *cached {
		o.Access = postings.Cached
	}
	x, err := storage.Open(*folder, o)
	if err != nil {
		return err
	}
	defer x.Close()
	queries, err := openCoordinates(ctx, *path)
	if err != nil {
		return err
	}
	found, err := x.SearchAll(ctx, queries, storage.SearchOptions{K: *k, Recall: *recall})
	if err != nil {
		return fmt.Errorf("%s: %w", *path, err)
	}
	if *asJSON {
		return json.NewEncoder(os.Stdout).Encode(found)
	}
	fmt.Print(found.Summary())
	return nil
}
