package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"anncapacity/lib/claims"
	"anncapacity/lib/internal/plate"
	"anncapacity/lib/storage/stop"
	storage "anncapacity/lib/storage/study"
)

var storageDuplication = Entry{
	Name: "StorageDuplication",
	From: rowsFiles,
	Shows: "What each round of duplication adds to the paper's network: vectors stored for each base vector, vectors " +
		"fetched, copies included, and batches of units read, the last two relative to the network before duplication. " +
		"Lines are the numbers of learn queries for each base vector. The last panel has the vectors fetched after the last " +
		"round against that number; below the dashed line duplication helps.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return StorageDuplication(r.Storage, about) },
	unavailable: withoutNetworks,
	findings:    func(r *Results) ([]string, error) { return StorageDuplicationFindings(r.Storage) },
}

// StorageDuplication draws copies, vectors fetched and reads at recall@1 = .90 against the round of duplication, and the vectors fetched
// after the last round against learn queries for each base vector.
func StorageDuplication(rows []storage.Row, about Subject) (*Figure, error) {
	all := claims.Rounds(duplicated(rows))
	if len(all) == 0 {
		return nil, fmt.Errorf("figure: %w of a round of duplication", errNoRecords)
	}
	table := [][]string{row("base", "learn", "learn_source", "round", "quantity", "seeds", "mean", "low", "high")}
	draw := func(i int, title, column string, of func(claims.Round) storage.Spread) plate.Panel {
		p := plate.NewPanel(plate.Letter(i, title), "rounds of duplication")
		p.X.Tick.Marker, p.Y.Tick.Marker = plate.EveryMultiple(1), ratioTicks
		var lines []styled
		for j, line := range all {
			var l spreadLine
			for _, r := range line {
				s := of(r)
				l.add(float64(r.Round), s)
				table = append(table, row(r.Base, r.Learn, r.Source, r.Round, column, s.Seeds, s.Mean, s.Low, s.High))
			}
			lines = append(lines, styled{l, roundStyle(j)})
		}
		drawLines(p, lines)
		p.Include(0)
		apart(p)
		return p
	}
	panels := []plate.Panel{
		draw(0, "vectors stored for each base vector", "copies", func(r claims.Round) storage.Spread { return r.Copies }),
		draw(1, "vectors fetched / before duplication", "vectors_ratio", func(r claims.Round) storage.Spread { return r.Vectors }),
		draw(2, "reads / before duplication", "reads_ratio", func(r claims.Round) storage.Spread { return r.Reads }), lastRounds(3, all),
	}
	data, _ := storage.Largest(duplicated(rows))
	return newFigure("StorageDuplication", &plate.Plate{
		Width: plate.DoubleColumn, Height: 1.9 * vg.Inch, Panels: panels, Legends: roundLegends(all), PerRow: 2,
		Title: fmt.Sprintf("Storage: what duplication adds to the paper's network, at recall@1 = %.2f\n%s of %s", usualRecall, data, about.photographs()),
	}, table), nil
}

// duplicated returns the rows of the paper's network at the usual recall, on queries from other photographs.
func duplicated(rows []storage.Row) []storage.Row {
	data, _ := storage.Largest(filter(rows, func(r storage.Row) bool { return r.Way == storage.PaperNetwork }))
	return filter(rows, func(r storage.Row) bool {
		return r.Data == data && r.Way == storage.PaperNetwork && r.Rule == stop.Fixed.Key && r.K == 1 && r.Recall == usualRecall && r.Test == storage.OtherPhotographs
	})
}

// lastRounds returns the panel with the vectors fetched after the last round.
func lastRounds(i int, all [][]claims.Round) plate.Panel {
	p := plate.NewPanel(plate.Letter(i, "vectors fetched, last round / before"), "learn queries for each base vector")
	p.X.Tick.Marker, p.Y.Tick.Marker = plate.FewOrManyDecades, ratioTicks
	var points []styled
	for j, line := range all {
		last, point := line[len(line)-1], styled{style: roundStyle(j)}
		point.add(math.Log10(last.PerVector()), last.Vectors)
		point.style.Radius = 2.4
		points = append(points, point)
	}
	drawLines(p, points)
	p.Include(0)
	aDecade(p)
	level(p, 0, plate.Reference)
	apart(p)
	return p
}

// roundStyle returns the style of the i-th line: a shade and, beyond the shades, dashes.
func roundStyle(i int) plate.Style {
	s := plate.Shade(i)
	s.Dashes = engineDashes[(i/5)%len(engineDashes)]
	s.Marker = engineMarkers[i%len(engineMarkers)]
	return s
}

// roundLegends returns two legends with an entry for each line.
func roundLegends(all [][]claims.Round) []*plate.Legend {
	legends := []*plate.Legend{plate.NewLegend("learn queries, base vectors"), plate.NewLegend(" ")}
	several := slices.ContainsFunc(all, func(line []claims.Round) bool { return line[0].Source != all[0][0].Source })
	for i, line := range all {
		r := line[0]
		name := fmt.Sprintf("%s, %s", thousands(r.Learn), thousands(r.Base))
		if several {
			name += ", " + r.Source
		}
		legends[2*i/(len(all)+1)].Add(name, plate.Thumbnail(roundStyle(i))...)
	}
	return legends
}

// StorageDuplicationFindings returns sentences with the effect of the last round with the fewest and with the most learn queries for
// each base vector.
func StorageDuplicationFindings(rows []storage.Row) (said []string, err error) {
	all := claims.Rounds(duplicated(rows))
	if len(all) == 0 {
		return nil, nil
	}
	per := func(a, b []claims.Round) int { return cmp.Compare(a[0].PerVector(), b[0].PerVector()) }
	ends := [][]claims.Round{slices.MinFunc(all, per), slices.MaxFunc(all, per)}
	if len(all) == 1 {
		ends = ends[:1]
	}
	for _, line := range ends {
		r := line[len(line)-1]
		said = append(said, fmt.Sprintf("With %s for each of %s base vectors, %s of duplication store %.2f "+
			"vectors for each, and at recall@1 = %.2f fetch %.2f times as many vectors%s in %.2f times as many reads.",
			claims.LearnQueries(r.PerVector()), thousands(r.Base), count(r.Round, "round"), r.Copies.Mean, usualRecall, r.Vectors.Mean, ofSeeds(r.Vectors), r.Reads.Mean))
	}
	return append(said, seedBands(rows)...), nil
}
