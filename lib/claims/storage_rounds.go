package claims

import (
	"cmp"
	"slices"

	storage "anncapacity/lib/storage/study"
)

// Round is a round of duplication of a network, compared with the same network before duplication, seed by seed.
type Round struct {
	Base, Learn, Round     int
	Data, Source           string
	Copies, Vectors, Reads storage.Spread // vectors stored for each base vector; vectors fetched and reads, relative to round 0
}

// PerVector returns the number of learn queries for each base vector.
func (r Round) PerVector() float64 { return float64(r.Learn) / float64(r.Base) }

// Rounds returns the rounds of each network of which there are at least two, ascending in learn queries for each base vector. The rows are
// of one data, way, test, k, recall and rule.
func Rounds(rows []storage.Row) (all [][]Round) {
	type network struct {
		base, units, learn int
		source             string
	}
	type trained struct {
		network
		round int
	}
	at, last := map[trained][]storage.Row{}, map[network]int{}
	var keys []network
	for _, r := range rows {
		key := network{r.Base, r.Units, r.Learn, r.Source}
		if _, known := last[key]; !known {
			keys = append(keys, key)
		}
		last[key] = max(last[key], r.Round)
		at[trained{key, r.Round}] = append(at[trained{key, r.Round}], r)
	}
	for _, key := range keys {
		var line []Round
		for round := range last[key] + 1 {
			these, first := at[trained{key, round}], at[trained{key, 0}]
			r := Round{
				Data: rows[0].Data, Base: key.base, Learn: key.learn, Source: key.source, Round: round,
				Copies:  storage.Over(these, func(r storage.Row) float64 { return r.Copies }),
				Vectors: relative(these, first, func(r storage.Row) float64 { return r.Vectors }),
				Reads:   relative(these, first, func(r storage.Row) float64 { return r.Reads }),
			}
			if r.Vectors.Seeds > 0 {
				line = append(line, r)
			}
		}
		if len(line) > 1 {
			all = append(all, line)
		}
	}
	slices.SortStableFunc(all, func(a, b []Round) int { return cmp.Compare(a[0].PerVector(), b[0].PerVector()) })
	return all
}

// relative returns the spread of a quantity relative to that of the first rows with the same seed.
func relative(rows, first []storage.Row, of func(storage.Row) float64) storage.Spread {
	var ratios []float64
	for _, r := range rows {
		i := slices.IndexFunc(first, func(f storage.Row) bool { return f.Seed == r.Seed })
		if i >= 0 && of(first[i]) > 0 {
			ratios = append(ratios, of(r)/of(first[i]))
		}
	}
	return storage.NewSpread(ratios)
}
