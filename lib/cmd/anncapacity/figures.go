package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"anncapacity/lib/figure"
	"anncapacity/lib/study"
)

func figuresCommand(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("figures", flag.ContinueOnError)
	records := flags.String("records", "", "`folder` with what anncapacity study wrote: records.csv and, with -explain, its tables (required)")
	out := flags.String("out", "", "`folder` for the figures and their README.md (required)")
	dataset := flags.String("dataset", "", "`name` of the photographs, for the figures (default the folder's own)")
	network := flags.String("network", "", "`name` of the network, for the figures")
	if err := parse(flags, args, "records", "out"); err != nil {
		return err
	}
	results, missing, err := study.ReadResults(*records)
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
	notDrawn, err := figure.Export{Results: results, About: about, Out: *out, Command: figure.CommandLine(*records, *out, about)}.Save()
	for _, why := range notDrawn {
		fmt.Fprintln(os.Stderr, "not drawn:", why)
	}
	if err == nil {
		fmt.Println(len(figure.Catalogue)-len(notDrawn), "figures in", *out)
	}
	return err
}
