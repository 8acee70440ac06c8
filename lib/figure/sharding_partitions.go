package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/sharding"
)

var shardingPartitions = Entry{
	Name: "ShardingPartitions",
	From: sharding.EngineFile,
	Shows: "Overlap and fill of a table of PostgreSQL with an index of pgvector on each of its partitions, against k. " +
		"Lines: walks over shards that truncate their answers to efSearch, as pgvector does; marks: PostgreSQL.",
	Draw: func(r *Results, about Subject) (*Figure, error) { return ShardingPartitions(r.Partitions, about) },
	unavailable: func(r *Results) string {
		return unless(len(r.Partitions) > 0, "the searches in partitions of PostgreSQL (notebook 9, make engines) are missing")
	},
	findings: func(r *Results) ([]string, error) { return ShardingPartitionsFindings(r.Partitions), nil },
}

// ShardingPartitions draws overlap and fill against k, one line and marks for each layout.
func ShardingPartitions(rows []sharding.EngineRow, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("figure: %w of partitions", errNoRecords)
	}
	overlap, fill := newKPanel(plate.Letter(0, "overlap")), newKPanel(plate.Letter(1, "share of the k slots that are filled"))
	first := rows[0]
	legend := plate.NewLegend(fmt.Sprintf("efSearch %d a shard · %s × %d, %s", first.EfSearch, thousands(first.Vectors), first.D, count(first.Queries, "query vector")))
	table := [][]string{row("engine", "deal", "shards", "ef_search", "k", "overlap", "fill")}
	for i, of := range groupBy(rows, layoutOf) {
		style := plate.Shade(i)
		for _, group := range groupBy(of, func(r sharding.EngineRow) string { return r.Engine }) {
			var a, b plotter.XYs
			for _, r := range group {
				a, b = append(a, plotter.XY{X: float64(r.K), Y: r.Overlap}), append(b, plotter.XY{X: float64(r.K), Y: r.Fill})
				table = append(table, row(r.Engine, r.Deal, r.Shards, r.EfSearch, r.K, r.Overlap, r.Fill))
			}
			if group[0].Engine == sharding.Partitioned {
				overlap.Marks(plate.Every(5, a), style)
				fill.Marks(plate.Every(5, b), style)
				continue
			}
			overlap.Line(a, style, nil)
			fill.Line(b, style, nil)
			legend.Add(asked{by: sharding.Deal(group[0].Deal), shards: group[0].Shards}.name(), plate.Thumbnail(style)...)
		}
	}
	overlap.Include(0, 1)
	fill.Include(0, 1)
	return newFigure("ShardingPartitions", &plate.Plate{
		Title: "Partitions of PostgreSQL, an HNSW index on each\n" + about.source(), Width: plate.DoubleColumn, Height: 2.3 * vg.Inch,
		Panels: []plate.Panel{overlap, fill}, Legends: []*plate.Legend{legend},
	}, table), nil
}

func layoutOf(r sharding.EngineRow) string { return fmt.Sprint(r.Deal, r.Shards) }

// ShardingPartitionsFindings says how far PostgreSQL is from the walks, and what it returns at the largest k.
func ShardingPartitionsFindings(rows []sharding.EngineRow) (said []string) {
	walks, differ := map[string]sharding.EngineRow{}, 0.
	for _, r := range rows {
		if r.Engine == sharding.Walks {
			walks[fmt.Sprint(layoutOf(r), r.K)] = r
		}
	}
	server := filter(rows, func(r sharding.EngineRow) bool { return r.Engine == sharding.Partitioned })
	for _, r := range server {
		differ = max(differ, math.Abs(r.Overlap-walks[fmt.Sprint(layoutOf(r), r.K)].Overlap))
	}
	if len(server) == 0 {
		return nil
	}
	k, last := atLargest(server, func(r sharding.EngineRow) int { return r.K })
	return []string{
		fmt.Sprintf("The overlap of PostgreSQL differs from that of the walks by at most %.3f.", differ),
		fmt.Sprintf("At k = %d PostgreSQL finds %s of the neighbours, and fills %s of the slots.", k,
			inTurn(last, "", func(r sharding.EngineRow) (string, any) {
				return shareOf(r.Overlap), asked{by: sharding.Deal(r.Deal), shards: r.Shards}.name()
			}),
			inTurn(last, "", func(r sharding.EngineRow) (string, any) {
				return shareOf(r.Fill), asked{by: sharding.Deal(r.Deal), shards: r.Shards}.name()
			})),
	}
}
