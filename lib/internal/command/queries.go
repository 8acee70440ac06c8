package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
)

// Values of -queries and -truth that are no files.
const (
	ownPoints = "self" // the queries are the points
	noTruth   = "none" // the exact neighbours are computed
)

// queryFlags holds the flags -queries and -metric, and -truth of commands that need the exact neighbours of the queries.
type queryFlags struct {
	queries, metric, truth string
}

// addQueries defines the flags -queries and -metric.
func addQueries(flags *flag.FlagSet) *queryFlags {
	f := &queryFlags{}
	flags.StringVar(&f.queries, "queries", "", "`FILE` of queries, in a format of -embeddings; they are no indexed points, and nothing is left out of their answers. "+
		"The default is the data set test of an -embeddings file in HDF5, if it has one, otherwise "+ownPoints+": the points are the queries, each without itself")
	flags.StringVar(&f.metric, "metric", "l2", metricHelp)
	return f
}

// addTruth defines the flag -truth.
func (f *queryFlags) addTruth(flags *flag.FlagSet) {
	flags.StringVar(&f.truth, "truth", "", "`FILE` of the exact neighbours of each query, .ivecs, .ibin, .npy or .hdf5[:dataset], which are compared with exact search on a "+
		"sample of the rows; the default is the data set neighbors of an HDF5 file whose data set test holds the queries, otherwise "+noTruth+": they are computed")
}

// check checks the flags before any file is read, and returns the metric.
func (f *queryFlags) check() (ann.Metric, error) {
	if n, err := strconv.Atoi(f.queries); err == nil {
		if _, err := os.Stat(f.queries); errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("-queries %d: must be a file of vectors; -sample sets the number of queries", n)
		}
	}
	for _, in := range f.inputs() {
		if err := in.check(); err != nil {
			return 0, err
		}
	}
	return ann.ParseMetric(f.metric)
}

// inputs returns the files that the flags name, for a plan.
func (f *queryFlags) inputs() (all []input) {
	if f.queries != "" && f.queries != ownPoints {
		all = append(all, input{"queries", f.queries})
	}
	if f.truth != "" && f.truth != noTruth {
		all = append(all, input{"truth", f.truth})
	}
	return all
}

// asked are the points that a command searches, before its queries are known.
type asked struct {
	path  string      // the value of -embeddings
	base  ann.Vectors // its vectors, or a choice of them
	whole bool        // whether base holds all vectors of the file, so that the IDs of a truth are its rows
	k     int         // largest number of neighbours of the flag -k
	sweep []int       // those of the flag -sweep-k, if the command has it
}

// most returns the largest number of neighbours that is searched for.
func (a asked) most() int { return slices.Max(append([]int{a.k}, a.sweep...)) }

// queries are what a command asks.
type queries struct {
	ann.Vectors            // N is 0 if the queries are the points
	Metric      ann.Metric // of the search
	Truth       [][]int32  // asked.most() exact neighbours of each query, or of each point; nil if they are to be computed
	Name        string     // file of the queries, for messages
	TruthName   string     // file of the truth, for messages
}

// open reads the queries and, if there is one, their truth. It checks that the queries fit the base and the metric, and that the
// truth does.
func (f *queryFlags) open(ctx context.Context, a asked) (q queries, err error) {
	if q.Metric, err = f.check(); err != nil {
		return q, err
	}
	if err := q.Metric.Check(a.base); err != nil {
		return q, fmt.Errorf("%s: %w", a.path, err)
	}
	if q.Name, err = f.file(a.path); err != nil {
		return q, err
	}
	if q.Name != "" {
		if q.Vectors, err = openEmbeddings(ctx, q.Name); err != nil {
			return q, err
		}
		if q.D != a.base.D {
			return q, fmt.Errorf("%s: the queries have %d dimensions, the vectors of %s have %d", q.Name, q.D, a.path, a.base.D)
		}
		if err := q.Metric.Check(q.Vectors); err != nil {
			return q, fmt.Errorf("%s: %w", q.Name, err)
		}
	}
	if err := errors.Join(q.checkK("k", []int{a.k}, a), q.checkK("sweep-k", a.sweep, a)); err != nil {
		return q, err
	}
	err = f.openTruth(ctx, &q, a)
	return q, err
}

// file returns the file of the queries, or "" if the points are the queries.
func (f *queryFlags) file(embeddings string) (string, error) {
	switch f.queries {
	case ownPoints:
		return "", nil
	case "":
		own, err := embedding.Companion(embeddings, embedding.TestSet)
		if own != "" {
			fmt.Fprintf(os.Stderr, "%s: the queries are its data set %s (-queries %s asks for the points instead)\n", embeddings, embedding.TestSet, ownPoints)
		}
		return own, err
	}
	return f.queries, nil
}

// checkK returns an error if a k of the flag is larger than the number of points that an answer may hold.
func (q queries) checkK(flag string, ks []int, a asked) error {
	if q.N == 0 {
		return checkK(flag, ks, a.path, a.base.N)
	}
	for _, k := range ks {
		if k > a.base.N {
			return fmt.Errorf("%s: -%s %d: must be at most %d, the number of vectors", a.path, flag, k, a.base.N)
		}
	}
	return nil
}
