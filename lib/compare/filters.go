package compare

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"anncapacity/lib/engine"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/table"
)

// FiltersFile is the name of the file that Filters writes.
const FiltersFile = "engine_filters.csv"

// Kinds of restriction.
const (
	Filtered = "filter" // Share of the points match
	Deleted  = "delete" // Share of the points are deleted
)

// Where the points that match a filter are. Near and Far are the same filters with other queries: each leaves the nearest points of one
// point, the centre, which is drawn by the seed.
const (
	Anywhere = "none" // which points match, or are deleted, does not depend on their positions
	Near     = "near" // the queries are among the nearest 1 % of the centre: they match every filter
	Far      = "far"  // the queries are among the farthest 10 % of the centre
)

// A FilterRecord holds the results of one engine where only some of the points may be answers. Each query is an indexed point, which
// is removed from its own answer.
type FilterRecord struct {
	Engine      string  `csv:"engine"`
	Version     string  `csv:"version"`
	Metric      string  `csv:"metric"`
	Kind        string  `csv:"kind"`        // Filtered or Deleted
	Correlation string  `csv:"correlation"` // Anywhere, Near or Far
	Share       float64 `csv:"share"`       // of the points that match, or that are deleted
	Allowed     int     `csv:"allowed"`
	Nearby      float64 `csv:"nearby"`    // share of the k exact neighbours among all points that are allowed, mean
	EfSearch    int     `csv:"ef_search"` // 0 for an exact engine
	K           int     `csv:"k"`
	Queries     int     `csv:"queries"`

	Overlap   float64 `csv:"overlap"`            // share of the min(k, allowed) exact neighbours among the allowed points, mean
	Fill      float64 `csv:"fill"`               // number of allowed points in the answer / min(k, allowed), mean
	FillMin   float64 `csv:"fill_min"`           // of the shortest answer
	Wrong     int     `csv:"wrong"`              // number of IDs, over all answers, of points that do not match or are deleted
	PerSecond float64 `csv:"queries_per_second"` // one query after another
	Error     string  `csv:"error"`              // the engine's error; the results above are NaN then. Without a kind, it has no other record.
}

var (
	filterShares = []float64{.01, .1, .5, 1} // of the points that match
	deleteShares = []float64{0, .1, .5}
	filterK      = []int{10, 100}
	filterEf     = []int{50, 200}
)

// Filters searches with filters that 1 %, 10 %, 50 % and all of the points match, and after 10 % and 50 % of the points are deleted,
// with every engine of o that has a filter or a deletion. Which points match does not depend on their positions; with approximate
// engines, it then searches with filters that the nearest points of one point match, from near it and from far away. It writes all
// records to o.Out and returns them. k is 10 and 100, of the latter filters 10, and efSearch 50 and 200; o.Queries, o.K, o.EfSearch
// and o.Sweep are not used. The records of each engine are stored, so that a stopped run continues with the next one. An engine that
// is missing has no record.
func Filters(ctx context.Context, o Options) ([]FilterRecord, error) {
	o.K = slices.DeleteFunc(slices.Clone(filterK), func(k int) bool { return k >= o.Base.N })
	o.EfSearch, o.Sweep, o.SweepK, o.Truth = filterEf[0], nil, nil, nil
	if o.Queries.N > 0 {
		return nil, errors.New("compare: filters: queries are drawn from the points")
	}
	s, err := newSession(ctx, o)
	if err != nil {
		return nil, err
	}
	columns, err := s.columns(ctx)
	if err != nil {
		return nil, err
	}
	var all []FilterRecord
	for _, e := range o.Engines {
		if e.Missing() != nil {
			continue
		}
		one, err := s.filterParts(ctx, e, columns)
		if err != nil {
			return nil, err
		}
		all = append(all, one...)
	}
	if len(all) == 0 {
		return nil, errors.New("compare: none of the engines that are available has a filter or a deletion")
	}
	return all, table.Write(FiltersTable(o.Out, all))
}

// filterParts returns the records of an engine under every column whose restrictions it supports. An engine that cannot be built
// has one record.
func (s *session) filterParts(ctx context.Context, e engine.Engine, columns []column) (all []FilterRecord, err error) {
	for _, c := range columns {
		if c = c.supported(e); len(c.sets) == 0 {
			continue
		}
		fmt.Fprintf(s.Progress, "filters and deletions, %s attribute: %s\n", c.name, e.Name)
		one, err := s.filterPart(ctx, e, c)
		if err != nil {
			return nil, err
		}
		all = append(all, one...)
		if one[0].Kind == "" {
			break
		}
	}
	return all, nil
}

// FiltersTable returns the table that Filters writes to dir.
func FiltersTable(dir string, rows []FilterRecord) table.Table {
	return table.New(filepath.Join(dir, FiltersFile), rows)
}

// ReadFilters returns the records that Filters wrote to dir.
func ReadFilters(dir string) ([]FilterRecord, error) {
	return read[FilterRecord](filepath.Join(dir, FiltersFile), " --filters")
}

// filterPart reads the stored records of an engine and a column, or runs the searches. If they fail, it returns a record with the
// error, which is not stored.
func (s *session) filterPart(ctx context.Context, e engine.Engine, c column) ([]FilterRecord, error) {
	kind := parts.Kind[[]FilterRecord]{
		Read: table.ReadRows[FilterRecord], Write: table.WriteRows[FilterRecord],
		Keep: func(rows []FilterRecord) bool { return rows[0].Kind != "" },
	}
	rows, _, err := kind.Get(filepath.Join(s.parts, fmt.Sprintf("filters-%s-%s.csv", c.name, s.filterKey(e))), func() ([]FilterRecord, error) {
		rows, err := s.filterRecords(ctx, e, c)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(s.Progress, "  %v\n", err)
			failed := s.newFilterRecord(e, restriction{asked: s.drawn()}, parameters{})
			failed.setError(err)
			return []FilterRecord{failed}, nil
		}
		return rows, nil
	})
	return rows, err
}

// filtersVersion changes when the records of the same engine and vectors change.
const filtersVersion = 1

// filterKey returns a file name part that depends on all inputs of an engine's records.
func (s *session) filterKey(e engine.Engine) string {
	key := parts.Key(func(sum io.Writer) {
		fmt.Fprintln(sum, filtersVersion, e.Version(), e.Filter, e.Delete, s.Metric, s.K, len(s.ids), s.Seed,
			s.Index.M, s.Index.EfConstruction, s.Index.Threads, s.Index.Seed, s.Base.N, s.Base.D)
		binary.Write(sum, binary.LittleEndian, s.Base.Data)
	})
	return e.Key + "-" + key
}
