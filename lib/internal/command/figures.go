package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"anncapacity/lib/figure"
	"anncapacity/lib/images"
)

func figuresCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("figures", flag.ContinueOnError)
	records := flags.String("records", "", "`folder` with the output of anncapacity study (records.csv and the tables of -explain), of anncapacity engines or of anncapacity storage study, or of several (required)")
	out := flags.String("out", "", "`folder` for the figures, their README.md and figures.tex (required)")
	dataset := flags.String("dataset", "", "`name` of the photographs in the figures (default: the name of the folder)")
	network := flags.String("network", "", "`name` of the network in the figures")
	if err := parse(flags, args, "records", "out"); err != nil {
		return err
	}
	if err := figuresPlan(*records, *out, *dataset); err != nil {
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
	if err := drawNorms(ctx, *records, *out, about); err != nil {
		return err
	}
	notDrawn, err := figure.Export{Results: results, About: about, Out: *out, Command: figure.CommandLine(*records, *out, about), Stopped: ctx.Err}.Save()
	for _, why := range notDrawn {
		fmt.Fprintln(os.Stderr, "not drawn:", why)
	}
	if err == nil {
		fmt.Println(len(figure.Catalogue)-len(notDrawn), "figures of the records in", *out)
	}
	return err
}

// figuresPlan checks the figures' folder. It must not be part of a folder of photographs, because the figures would then be
// read as photographs.
func figuresPlan(records, out, dataset string) error {
	p := plan{writes: figure.Outputs(out), folders: []string{out}, own: func() error { return figure.CheckOutputs(out) }}
	for _, path := range append(figure.Inputs(records), records) {
		p.reads = append(p.reads, input{"records", path})
	}
	if err := p.check(); err != nil {
		return err
	}
	folders := []string{out}
	if dataset != "" && within(out, dataset) {
		folders = append(folders, dataset)
	}
	for _, folder := range folders {
		if id := photograph(folder); id != "" {
			return fmt.Errorf("-out %s: %s holds photographs (%s), and the figures would be read as photographs, too: choose another -out", out, folder, id)
		}
	}
	return nil
}

// photograph returns the first image in a folder or below it that is not a figure, or "".
func photograph(folder string) string {
	d, err := images.OpenFolder(folder)
	if err != nil {
		return ""
	}
	for i := range d.Len() {
		name := path.Base(d.ID(i))
		if !slices.Contains(figure.Names(), strings.TrimSuffix(name, path.Ext(name))) {
			return d.ID(i)
		}
	}
	return ""
}

// drawNorms draws the norms of the embeddings in the folder of the records. If there are none, it prints a message.
func drawNorms(ctx context.Context, records, out string, about figure.Subject) error {
	file := filepath.Join(records, figure.NormsFile)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(os.Stderr, "not drawn: Norms: there is no file %s\n", file)
		return nil
	}
	vectors, err := openEmbeddings(ctx, file)
	if err != nil {
		return err
	}
	f, err := figure.Norms(vectors, about)
	if err != nil {
		return err
	}
	return f.Save(out)
}
