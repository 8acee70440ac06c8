package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/capacity"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/coderhnsw"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/sharding"
	"anncapacity/lib/study"
)

func studyCommand(ctx context.Context, args []string, all []engine.Engine) error {
	flags := flag.NewFlagSet("study", flag.ContinueOnError)
	o := study.Options{Progress: os.Stderr}
	flags.StringVar(&o.Embeddings, "embeddings", "", embeddingsHelp)
	flags.StringVar(&o.Out, "out", "", "`folder` for records.csv; a study that was interrupted resumes from it (required)")
	metric := flags.String("metric", "l2", "`metric`: l2, or cosine, for which every vector is divided by its length")
	flags.IntVar(&o.Runs, "runs", 10, "number of `runs`, each on its own random subset")
	flags.IntVar(&o.Subset, "subset", 10000, "number of `points` drawn for each run")
	condition := flags.String("condition", "all", "`condition`: 1, 2, 3, "+study.AsPublished+" (condition 3 with efConstruction 400), all of these, or "+sharding.Condition+" (shards; writes "+sharding.File+")")
	coder := coderhnsw.Engines()[0].Key
	index := flags.String("index", study.IndexHNSW, fmt.Sprintf("`list` of hnsw and engines, such as hnsw,%[1]s; all means hnsw,%[1]s", coder))
	explain := flags.Bool("explain", false, "also write, for run 0, tables that explain the results: the whole surface, capacity, policies, construction; with condition "+sharding.Condition+", partitions of PostgreSQL ("+sharding.EngineFile+")")
	if err := parse(flags, args, "embeddings", "out"); err != nil {
		return err
	}
	if *condition == sharding.Condition {
		return shardsStudy(ctx, flags, o, *metric, *explain)
	}
	if *condition != "all" {
		o.Conditions = []string{*condition}
	}
	o.Engines, o.Indexes = all, strings.Split(*index, ",")
	if *index == "all" {
		o.Indexes = []string{study.IndexHNSW, coder}
	}
	var err error
	if o.Metric, err = ann.ParseMetric(*metric); err != nil {
		return err
	}
	if err := errors.Join(atLeast(1, "runs", o.Runs), atLeast(2, "subset", o.Subset)); err != nil {
		return err
	}
	tables := study.Tables(o.Out)
	if *explain {
		tables = append(tables, capacity.Tables(o.Out)...)
	}
	if err := tablesPlan(o.Embeddings, o.Out, tables).check(); err != nil {
		return err
	}
	defer memory.CollectEarly()()
	records, err := study.Run(ctx, o)
	if err != nil {
		return err
	}
	fmt.Printf("%d records in %s\n", len(records), filepath.Join(o.Out, study.RecordsFile))
	if *explain {
		_, err = capacity.Run(ctx, o)
	}
	return err
}
