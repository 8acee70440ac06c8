// Package reporttest provides reports of each form for the tests of packages that read them. Their numbers are computed from
// formulas; no index was measured.
package reporttest

import (
	"fmt"
	"math"
	"strings"

	"anncapacity/lib/report"
)

// A Sample is a report and its name.
type Sample struct {
	Name   string
	Report *report.Report
}

// All returns a new copy of every sample.
func All() []Sample {
	return []Sample{
		{"file", File()}, {"live", Live()}, {"filtered", Filtered()}, {"good", Good()}, {"undecided", Undecided()}, {"rejected", Rejected()},
		{"no-advice", NoAdvice()}, {"one-setting", OneSetting()}, {"many-settings", ManySettings()}, {"long-names", LongNames()}, {"advice", Advice()},
	}
}

// recall is a recall that rises with efSearch / k towards 1; hardness is the ratio at which it is about .63.
func recall(k, ef int, hardness float64) float64 {
	return 1 - math.Exp(-math.Sqrt(float64(ef)/float64(k)/hardness)*1.7)
}

// setting returns a complete setting of 500 queries. No answer has more than limit vectors.
func setting(k, ef, limit int, hardness float64) report.Setting {
	fill := math.Min(1, float64(limit)/float64(k))
	r := fill * recall(k, ef, hardness)
	short := 0.0
	if fill < 1 {
		short = 1
	}
	half := 1.96 * math.Sqrt(r*(1-r)/500) / 2
	round := func(x float64) float64 { return math.Round(x*1e4) / 1e4 }
	return report.Setting{
		K: k, EfSearch: ef, Recall: round(r * .999), RecallByDistance: round(r), Interval: [2]float64{round(r - half), round(math.Min(1, r+half))},
		Fill: fill, Short: short,
		Quantiles: &report.Quantiles{Least: round(r * r * r * r), Low: round(r * r * r), Tenth: round(r * r), Median: round(math.Sqrt(r))},
	}
}

// ladder returns a setting for each k and efSearch.
func ladder(ks, efs []int, of func(k, ef int) report.Setting) (all []report.Setting) {
	for _, k := range ks {
		for _, ef := range efs {
			all = append(all, of(k, ef))
		}
	}
	return all
}

func withCapacity(s report.Setting) report.Setting {
	s.Capacity = &report.Capacity{Visited: 11.5 * math.Pow(float64(s.EfSearch), .93), LargestK: s.EfSearch * 5 / 7}
	return s
}

func withLatency(s report.Setting, exact float64) report.Setting {
	p50 := .35 + .011*float64(s.EfSearch)
	used := true
	s.Latency = &report.Latency{Median: p50, High: 1.9 * p50, Most: 3.1 * p50}
	s.ExactLatency = &report.Latency{Median: exact, High: 1.2 * exact, Most: 1.5 * exact}
	s.UsesIndex = &used
	return s
}

func worst(k int) (all []report.Worst) {
	for i := range 10 {
		share := math.Round(float64(k)*(.2+.04*float64(i))) / float64(k)
		all = append(all, report.Worst{Query: fmt.Sprint(917 * (i + 3) % 4001), Recall: share, Returned: k, Nearest: .412 + .01*float64(i), Kth: .733 + .004*float64(i)})
	}
	return all
}

// File returns the audit of an index file with graph, capacity and labels.
func File() *report.Report {
	efs := []int{16, 24, 40, 64, 100, 160, 240, 400}
	r := &report.Report{
		Version: report.Version, Kind: report.KindFile, Name: "index.faiss", Engine: "FAISS HNSW", N: 60_000, D: 768, Metric: "ip",
		Policy: "pads", Queries: 500, Target: report.ByDistance, Wanted: .95,
		Settings: ladder([]int{10, 100}, efs, func(k, ef int) report.Setting { return withCapacity(setting(k, ef, 9*ef, .45)) }),
		Advice: &report.Advice{
			K: 100, EfSearch: 160, Bound: .9532, Verified: .9581, VerifiedOn: 250, Statement: "index.hnsw.efSearch = 160",
			Text: "Set efSearch = 160 on this index: mean recall at k = 100 is then 0.9581 on 250 queries that did not determine it.",
		},
		Graph: &report.Graph{
			M: 32, EfConstruction: 40, EfSearch: 16, Levels: []int{60_000, 1871, 58, 2}, Unreachable: 37, Deleted: 1200, Changed: 5,
			Out: report.Degrees{Least: 3, Mean: 41.7, Most: 64, Zero: 0}, In: report.Degrees{Least: 0, Mean: 41.7, Most: 911, Zero: 37},
		},
		Worst: worst(100),
		Notes: []string{"The graph was read from the file and walked; FAISS was not called.", "500 rows of queries.npy were the queries."},
	}
	for i := range r.Settings {
		r.Settings[i].Present = r.Settings[i].EfSearch == 16
	}
	r.Labels = labels(r.Settings)
	return r
}

// labels returns what post-filtering by six labels returns at each of the settings.
func labels(of []report.Setting) (all []report.Label) {
	for i, selectivity := range []float64{.002, .01, .04, .1, .3, .548} {
		for _, s := range of {
			fill := math.Min(1, s.Capacity.Visited*selectivity/float64(s.K))
			all = append(all, report.Label{
				Label: int64(i), Matching: int(60_000 * selectivity), Selectivity: selectivity, K: s.K, EfSearch: s.EfSearch, Recall: fill * .97, Fill: fill,
			})
		}
	}
	return all
}

// Live returns the audit of a table of PostgreSQL.
func Live() *report.Report {
	r := &report.Report{
		Version: report.Version, Kind: report.KindLive, Name: "items.embedding", Engine: "pgvector HNSW", EngineVersion: "0.8.1",
		Effort: "hnsw.ef_search", Time: "2026-11-26T18:40:00Z",
		N: 200_000, D: 384, Metric: "cosine", Policy: "truncates", Queries: 500, Target: report.ByDistance, Wanted: .95,
		Settings: ladder([]int{40}, []int{20, 40, 80, 120, 200, 400, 1000}, func(k, ef int) report.Setting {
			return withLatency(setting(k, ef, ef, .877), 61.3)
		}),
		Advice: &report.Advice{
			K: 40, EfSearch: 120, Bound: .9528, Verified: .9566, VerifiedOn: 250, Statement: "ALTER DATABASE app SET hnsw.ef_search = 120;",
			Text: "Set hnsw.ef_search = 120: mean recall at k = 40 is then 0.9566 on 250 queries that did not determine it.",
		},
		Worst: worst(40),
		Notes: []string{"500 stored vectors, drawn with seed 42, were the queries; each was left out of its own answer.",
			"Both ways ran in one read-only transaction with repeatable read; nothing was written.", "One connection; one question at a time."},
	}
	r.Settings[1].Present = true
	return r
}

// Filtered returns Live with a filter of which 1 % of the rows match, with and without iterative scan.
func Filtered() *report.Report {
	r := Live()
	r.Filter = &report.Filter{Text: "status = 'active'", Matching: 2013, Selectivity: .010065}
	r.Settings = nil
	for _, scan := range []string{"off", "strict_order", "relaxed_order"} {
		for _, ef := range []int{20, 40, 80, 120, 200, 400, 1000} {
			s := withLatency(setting(40, ef, max(1, ef/100), .877), 4.1)
			if scan != "off" {
				s = withLatency(setting(40, 20*ef, 40, .877), 4.1)
				s.EfSearch = ef
			}
			s.Scan, s.Present = scan, scan == "off" && ef == 40
			r.Settings = append(r.Settings, s)
		}
	}
	r.Advice.EfSearch, r.Advice.Scan, r.Advice.Statement = 40, "strict_order", "SET hnsw.iterative_scan = strict_order;\nSET hnsw.ef_search = 40;"
	r.Advice.Text = "Set hnsw.iterative_scan = strict_order and keep hnsw.ef_search = 40: mean recall at k = 40 is then 0.9566 on 250 queries that did not determine it."
	return r
}

// Good returns Live at a present setting that reaches the wanted recall.
func Good() *report.Report {
	r := Live()
	r.Settings[1].Present, r.Settings[5].Present = false, true
	r.Settings[5].Interval = [2]float64{.987, .996}
	return r
}

// Undecided returns Live at a present setting whose interval contains the wanted recall.
func Undecided() *report.Report {
	r := Live()
	r.Settings[1].Present, r.Settings[3].Present = false, true
	r.Settings[3].RecallByDistance, r.Settings[3].Interval = .953, [2]float64{.944, .961}
	return r
}

// Rejected returns the audit of an engine that rejects k > efSearch.
func Rejected() *report.Report {
	r := Live()
	r.Name, r.Engine, r.EngineVersion, r.Effort, r.Policy = "documents", "Milvus HNSW", "2.6.0", "ef", "rejects"
	for i := range 2 {
		s := r.Settings[i]
		r.Settings[i] = report.Setting{K: 100, EfSearch: s.EfSearch, Present: s.Present, Rejected: true}
	}
	for i := range r.Settings {
		r.Settings[i].K, r.Settings[i].UsesIndex = 100, nil
	}
	r.Advice.K, r.Advice.Statement = 100, `search_params = {"params": {"ef": 120}}`
	r.Advice.Text = "Set ef = 120: mean recall at k = 100 is then 0.9566 on 250 queries that did not determine it."
	r.Worst = nil
	return r
}

// NoAdvice returns Live without a setting that reaches the wanted recall, on a table without a usable index.
func NoAdvice() *report.Report {
	r := Live()
	r.Advice, r.Wanted = nil, .9999
	unused := false
	for i := range r.Settings {
		r.Settings[i].UsesIndex = &unused
	}
	return r
}

// OneSetting returns Live with the present setting alone, without what is optional.
func OneSetting() *report.Report {
	r := Live()
	s := r.Settings[1]
	s.Latency, s.ExactLatency, s.UsesIndex = nil, nil, nil
	r.Settings, r.Advice, r.Worst, r.Notes = []report.Setting{s}, nil, nil, nil
	return r
}

// ManySettings returns File with 400 settings and without labels.
func ManySettings() *report.Report {
	r := File()
	var efs []int
	for ef := 5; ef <= 400; ef += 5 {
		efs = append(efs, ef)
	}
	r.Settings = ladder([]int{1, 5, 10, 50, 100}, efs, func(k, ef int) report.Setting { return withCapacity(setting(k, ef, 9*ef, .45)) })
	r.Labels = nil
	return r
}

// LongNames returns Filtered with long names of the table, the engine's version and the filter.
func LongNames() *report.Report {
	r := Filtered()
	r.Name = strings.Repeat("a_schema_with_a_long_name.", 5) + "the_table_of_all_documents.embedding_of_the_title_and_the_abstract"
	r.EngineVersion = "0.8.1 on PostgreSQL 17.2 (Debian 17.2-1.pgdg120+1) on x86_64-pc-linux-gnu, compiled by gcc"
	r.Filter.Text = strings.Repeat("(category = 'a rather long category' AND created_at > now() - interval '30 days') OR ", 6) + "owner IS NULL"
	return r
}

// Advice returns the advice for embeddings.
func Advice() *report.Report {
	r := File()
	r.Kind, r.Name, r.Engine, r.Policy, r.Graph, r.Labels, r.Worst = report.KindAdvice, "e.npy", "", "fills", nil, nil, nil
	for i := range r.Settings {
		r.Settings[i].Present = false
	}
	need, ef := &report.Need{EfSearch: 160, Alpha: 1.6, Bound: .9532, Recall: .957, Same: .9568, Reached: .74, Verified: .9581, Visited: 1290, Visited99: 1711}, 160
	r.ByK = []report.Advice{*r.Advice}
	r.Method = &report.Method{OwnQueries: true, CalibratedOn: 250, VerifiedOn: 250, NeededForMean: 120, Share: .9, Seed: 42}
	r.Indexes = []report.Index{{
		K: 100, M: 32, EfConstruction: 200, Best: true, MeanLinks: 41.7, Highest: .9991, Mean: need, Decides: "as FAISS builds it",
		Policies: []report.PolicyRow{{EfSearch: 16, Policy: "truncates", Engines: "pgvector", Recall: .155, Same: .155, Length: 16, Short: 1}},
		Builds:   []report.Build{{As: "as FAISS builds it", Seed: 42, MeanLinks: 41.7, Highest: .9991, EfSearch: &ef, Recall: .9532, Verified: .9581}},
	}}
	return r
}
