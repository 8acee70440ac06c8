// Command bench times the project and its peers in the same run on the same machine and writes docs/speeds.md. Each time is
// the median over several rounds, in which the project and the peer take turns.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"

	"anncapacity/lib/growth"
	"anncapacity/lib/internal/memory"
)

// options holds the command line.
type options struct {
	embeddings string // "" means synthetic ones
	out        string
	rounds     int
	only       *regexp.Regexp
	sizes

	photographs string // embeddings of photographs for the largest sets
	growth      string // folder of the series of growing numbers of points; "" means the page
	most        int    // largest number of points of the series
	measure     string // request of package growth; "" means none
}

// sizes holds the sizes of the steps that are timed.
type sizes struct {
	quick  bool // a trial, whose times are not meaningful
	points int  // number of vectors; all of them are queries
	maxK   int
	batch  int // images in a batch
	runs   int // runs of the study whose memory is determined

	vectors, clusters int // of k-means

	exactPoints, exactQueries int
	sets                      map[string]int // points of each set of package growth
}

var (
	usualSizes = sizes{points: 10000, maxK: 500, batch: 32, runs: 3, vectors: 250000, clusters: 512, exactPoints: 100000, exactQueries: 10000,
		sets: map[string]int{growth.Words: 20000, growth.Clustered: 20000, growth.Photographs: 10000}}
	quickSizes = sizes{quick: true, points: 600, maxK: 500, batch: 2, runs: 1, vectors: 3000, clusters: 20, exactPoints: 3000, exactQueries: 100,
		sets: map[string]int{growth.Clustered: 600}}
	// fullSets are the numbers of points of the sets with -full, and fullExact that of exact search. 1,000 of the 400,000 words are
	// queries.
	fullSets  = map[string]int{growth.Words: 399000, growth.Clustered: 1000000, growth.Photographs: 200000}
	fullExact = 1000000
)

// defaultPhotographs are the embeddings that the project was given, beside the checkout.
const defaultPhotographs = "../shared/embeddings/imagenette96_resnet50-pqf.npy"

// Default paths of the page. A partial page does not replace that of a full run.
var (
	fullPage    = filepath.Join("docs", "speeds.md")
	partialPage = filepath.Join("out", "speeds.md")
)

func main() {
	memory.Tune()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parse()
	if err == nil {
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse() (o options, err error) {
	flag.StringVar(&o.embeddings, "embeddings", "", "`FILE.npy` of at least 10,000 vectors (default: synthetic ones, 10,000 × 2048)")
	flag.StringVar(&o.out, "out", "", "`file` for the page (default "+fullPage+"; with -quick or -only "+partialPage+")")
	flag.IntVar(&o.rounds, "rounds", 3, "number of `rounds`, in each of which the project and the peer run once")
	flag.StringVar(&o.photographs, "photographs", defaultPhotographs, "`FILE.npy` of embeddings of photographs, repeated with noise for one of the large sets")
	flag.StringVar(&o.growth, "growth", "", "measure the growth from 1,000 to -most points instead, and write "+growth.File+" in this `folder`; what is stored there is not repeated")
	flag.IntVar(&o.most, "most", 100000, "most `points` of -growth")
	flag.StringVar(&o.measure, "measure", "", "measure one index, as the `request` of another process of this program says")
	full := flag.Bool("full", false, "large sets at full size: up to 1,000,000 points, which takes hours and 8 GB of memory; finished measurements in out/bench are not repeated")
	only := flag.String("only", "", "regular `expression`: time only the rows that match it, such as exact, HNSW, ResNet, sets, memory")
	quick := flag.Bool("quick", false, "run at small sizes, to test the program; the times are not meaningful")
	flag.Parse()
	if flag.NArg() > 0 || o.rounds < 1 {
		return o, fmt.Errorf("-rounds %d, arguments %q: want at least one round and no arguments", o.rounds, flag.Args())
	}
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, err
	}
	o.sizes = usualSizes
	switch {
	case *quick:
		o.sizes = quickSizes
	case *full:
		o.sets, o.exactPoints = fullSets, fullExact
	}
	if o.out == "" {
		o.out = fullPage
		if *quick || *only != "" {
			o.out = partialPage
		}
	}
	return o, nil
}

// run times the chosen rows and writes the page. It returns an error if a ratio is below its target.
func run(ctx context.Context, o options) error {
	switch {
	case o.measure != "":
		return growth.Serve(ctx, o.measure, os.Stdout)
	case o.growth != "":
		return grow(ctx, o)
	}
	search := &searchBench{ctx: ctx, sizes: o.sizes}
	p, err := describe(ctx, o)
	if err != nil {
		return err
	}
	var remove func()
	if search.path, p.Embeddings, remove, err = o.vectors(); err != nil {
		return err
	}
	defer remove()
	if err := p.time(ctx, o, search); err != nil {
		return err
	}
	if err := p.write(o.out); err != nil {
		return err
	}
	fmt.Println("\nwrote", o.out)
	if missed := p.Missed(); missed > 0 && !o.quick {
		return fmt.Errorf("%d of the ratios are below their targets", missed)
	}
	return nil
}

// time fills the table of the page and prints each row when it is complete.
func (p *page) time(ctx context.Context, o options, search *searchBench) error {
	fmt.Print(tableHead)
	network := &networkBench{batch: o.batch}
	kmeans := &kmeansBench{sizes: o.sizes, ctx: ctx}
	defer kmeans.remove()
	exact := &exactBench{sizes: o.sizes, ctx: ctx}
	defer exact.remove()
	for _, r := range slices.Concat(network.rows(ctx), search.rows(), kmeans.rows(), exact.rows()) {
		if !o.only.MatchString(r.task) {
			continue
		}
		m, err := r.time(ctx, o.rounds)
		if err != nil {
			return fmt.Errorf("%s against %s: %w", r.task, r.peer, err)
		}
		fmt.Println(m.Line())
		p.Rows = append(p.Rows, m)
	}
	if o.only.MatchString("sets") {
		if err := p.timeSets(ctx, o); err != nil {
			return err
		}
	}
	if !o.only.MatchString("memory") {
		return nil
	}
	var err error
	p.Memory, err = search.memory(ctx)
	return err
}

// vectors returns the path of the embeddings, their name for the page, and a function that removes the file if it is temporary.
func (o options) vectors() (path, name string, remove func(), err error) {
	if o.embeddings != "" {
		return o.embeddings, "the first " + thousands(o.points) + " of `" + filepath.Base(o.embeddings) + "`", func() {}, nil
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return "", "", nil, err
	}
	remove = func() { os.RemoveAll(dir) }
	path = filepath.Join(dir, "synthetic.npy")
	if err := writeSynthetic(path, o.points); err != nil {
		remove()
		return "", "", nil, err
	}
	return path, syntheticName(o.points), remove, nil
}
