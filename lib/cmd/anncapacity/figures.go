package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"anncapacity/lib/embedding"
	"anncapacity/lib/figure"
)

func figuresCommand(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("figures", flag.ContinueOnError)
	records := flags.String("records", "", "`folder` with what anncapacity study wrote (records.csv and, with -explain, its tables), anncapacity engines, or both (required)")
	out := flags.String("out", "", "`folder` for the figures, their README.md and figures.tex (required)")
	dataset := flags.String("dataset", "", "`name` of the photographs, for the figures (default the folder's own)")
	network := flags.String("network", "", "`name` of the network, for the figures")
	if err := parse(flags, args, "records", "out"); err != nil {
		return err
	}
	results, missing, err := figure.ReadResults(*records)
	if err != nil {
		return err
	}
	about := figure.Subject{Dataset: *dataset, Network: *network, Points: figure.Indexed(results.Records)}
	if about.Dataset == "" {
		about.Dataset = filepath.Base(*records)
	}
	if about.Network == "" {
		about.Network = "network not named"
	}
	for _, name := range missing {
		fmt.Fprintf(os.Stderr, "%s is not in %s\n", name, *records)
	}
	if err := drawNorms(*records, *out, about); err != nil {
		return err
	}
	notDrawn, err := figure.Export{Results: results, About: about, Out: *out, Command: figure.CommandLine(*records, *out, about)}.Save()
	for _, why := range notDrawn {
		fmt.Fprintln(os.Stderr, "not drawn:", why)
	}
	if err == nil {
		fmt.Println(len(figure.Catalogue)-len(notDrawn), "figures of the records in", *out)
	}
	return err
}

// drawNorms draws the norms of the embeddings that lie beside the records; where none do, it says so.
func drawNorms(records, out string, about figure.Subject) error {
	path := filepath.Join(records, "embeddings.npy")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(os.Stderr, "not drawn: Norms: %s is not there\n", path)
		return nil
	}
	vectors, err := embedding.Open(path)
	if err != nil {
		return err
	}
	f, err := figure.Norms(vectors, about)
	if err != nil {
		return err
	}
	return f.Save(out)
}
