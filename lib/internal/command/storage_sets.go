package command

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"anncapacity/lib/storage"
	"anncapacity/lib/storage/study"
)

// studySets are the flags that name the vectors of a study: three files, or one that is split.
type studySets struct {
	base, learn, queries string
	split                string
	seed                 uint64
	sizes                storage.Sizes // of -split
}

// register adds the flags.
func (s *studySets) register(flags *flag.FlagSet) {
	flags.StringVar(&s.base, "embeddings", "", coordinatesHelp)
	flags.StringVar(&s.learn, "learn", "", "`FILE` of queries that train the ways and calibrate searches, in a format of -embeddings (required without -split)")
	flags.StringVar(&s.queries, "queries", "", "`FILE` of test queries, in a format of -embeddings (required without -split)")
	flags.StringVar(&s.split, "split", "", "three `numbers`, of base vectors, learn queries and test queries, such as 9000,3394,1000: "+
		"these are different rows of -embeddings, drawn at random; -learn and -queries are not given")
	flags.Uint64Var(&s.seed, "split-seed", 1, "`seed` of -split")
}

// check checks the flags after they were parsed.
func (s *studySets) check(flags *flag.FlagSet) error {
	if s.split == "" {
		return parse(flags, nil, "learn", "queries")
	}
	if s.learn != "" || s.queries != "" {
		return fmt.Errorf("%s: -split takes the learn queries and the test queries from -embeddings: leave out -learn and -queries", flags.Name())
	}
	words := strings.Split(s.split, ",")
	sizes := []*int{&s.sizes.Base, &s.sizes.Learn, &s.sizes.Queries}
	ok := len(words) == len(sizes)
	for i := 0; ok && i < len(sizes); i++ {
		n, err := strconv.Atoi(strings.TrimSpace(words[i]))
		*sizes[i], ok = n, err == nil && n > 0
	}
	if !ok {
		return fmt.Errorf("-split %s: must be three numbers of vectors, separated by commas", s.split)
	}
	return nil
}

// reads returns the files that open reads, apart from -embeddings.
func (s *studySets) reads() []input {
	if s.split != "" {
		return nil
	}
	return []input{{"learn", s.learn}, {"queries", s.queries}}
}

// open reads the vectors.
func (s *studySets) open(ctx context.Context, o *study.Options) (err error) {
	if o.Base, err = openCoordinates(ctx, s.base); err != nil {
		return err
	}
	if s.split != "" {
		if o.Base, o.Learn, o.Queries, err = storage.Divide(o.Base, s.sizes, s.seed); err != nil {
			return fmt.Errorf("-split: %s: %w", s.base, err)
		}
		return nil
	}
	if o.Learn, err = openCoordinates(ctx, s.learn); err != nil {
		return err
	}
	o.Queries, err = openCoordinates(ctx, s.queries)
	return err
}
