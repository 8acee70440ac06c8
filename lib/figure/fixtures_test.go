package figure

import (
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/capacity"
	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/growth"
	"anncapacity/lib/study"
	"anncapacity/lib/words"
)

var (
	photographs = Subject{Dataset: "imagenette96", Network: "resnet50-pqf", Points: 10000}
	generated   = Subject{Dataset: "generated", Network: "untrained", Points: 1500}
)

// records returns synthetic records of condition 1. The project's overlap decreases with k/efSearch, and its queries lack
// neighbours for k > 2 efSearch; the overlap of coder/hnsw increases with k. Successive runs differ by .01.
func records(runs int) (all []study.Record) {
	for run := range runs {
		for _, e := range []int{25, 50, 75, 100} {
			for k := 10; k <= 500; k += 10 {
				own := study.Record{Index: study.IndexHNSW, Run: run, Seed: uint64(42 + run), Condition: 1, Parameter: "efSearch",
					Value: float64(e), K: k, EfSearch: e, Queries: 1000}
				own.Set(fidelity.Fill.Mean, 1)
				own.Set(fidelity.Overlap.Mean, 1/(1+float64(k)/float64(10*e))-0.01*float64(run))
				if k > 2*e {
					own.Set(fidelity.EmptyShare.Mean, 0.001)
				}
				other := own
				other.Index = coder.Key
				other.Set(fidelity.Overlap.Mean, 0.28+0.0006*float64(k)+0.01*float64(run))
				all = append(all, other, own)
			}
		}
	}
	return all
}

// wholeStudy returns synthetic records of every condition on the project's index. The measures of a record have different
// values, so that a test detects a panel that draws the wrong one. Successive runs differ by .01.
func wholeStudy(runs int) *Results {
	r := &Results{
		Engines: comparison(), Cosine: underCosine(), Bulk: bulk(), Words: similarWords(), Growth: grown(), Storage: stored(), Disk: onDisk(), Filters: filtered(), EngineFilters: correlated(),
		Sharding: sharded(runs), Partitions: partitioned(),
	}
	for _, c := range study.Conditions {
		for run := range runs {
			for _, value := range c.Values {
				for _, k := range study.Ks() {
					d := 0.01 * float64(run)
					record := study.Record{
						Index: study.IndexHNSW, Run: run, Condition: c.Number, Parameter: c.Parameter, Value: value, K: k, EfSearch: 50,
						Queries: 1000,
					}
					for column, x := range imitated(k, value, d) {
						record.Set(column, x)
					}
					if c.Parameter == study.EfSearch {
						record.EfSearch = int(value)
					}
					if c.Name == study.AsPublished {
						r.AsPublished = append(r.AsPublished, record)
					} else {
						r.Records = append(r.Records, record)
					}
				}
			}
		}
	}
	r.Capacity = explanation()
	return r
}

// imitated returns the measures of a record; d is the run's difference.
func imitated(k int, value, d float64) map[fidelity.Column]float64 {
	return map[fidelity.Column]float64{
		fidelity.Fill.Mean: 1, fidelity.Overlap.Mean: 1/(1+float64(k)/1000/(1+value)) - d, fidelity.EmptyShare.Mean: max(0, float64(k-200)/1000),
		fidelity.Distance.ExactMean: 7 + float64(k)/1000, fidelity.Distance.Mean: 7.2 + float64(k)/900 - d,
		fidelity.DistanceRatio.Mean: 1.02 + d, fidelity.BarycenterShift.Mean: .05 + d, fidelity.LID.ExactMean: 20, fidelity.LID.Mean: 15 + d,
		fidelity.PublishedDistance.ExactMean: 60, fidelity.PublishedDistance.Mean: 60 + d,
		fidelity.PublishedBarycenterShift.Mean: .002 + d, fidelity.PublishedLID.Mean: 7 + d,
	}
}

// explanation returns synthetic tables of package capacity.
func explanation() *capacity.Results {
	x := &capacity.Results{}
	for _, e := range []int{2, 25, 50, 75, 100, 1000} {
		for _, k := range study.Ks() {
			x.Surface = append(x.Surface, capacity.SurfaceRow{K: k, EfSearch: e, Overlap: 1 / (1 + float64(k)/float64(5*e))})
		}
	}
	for _, e := range []int{25, 50, 75, 100} {
		for i := 1; i <= 100; i++ {
			x.Capacity = append(x.Capacity, capacity.Row{EfSearch: e, Share: float64(i) / 100, Capacity: e * (3 + i/10)})
		}
		for _, k := range study.Ks() {
			x.Failure = append(x.Failure, capacity.FailureRow{EfSearch: e, K: k, Predicted: max(0, float64(k-210)/1000)})
		}
		for _, c := range []struct{ m, construction int }{{32, 50}, {32, 200}, {8, 200}} {
			for queries, k := 1, 400.0; queries <= 1000; queries, k = 10*queries, k/2 {
				x.HardFailure = append(x.HardFailure, capacity.HardFailureRow{M: c.m, EfConstruction: c.construction, EfSearch: e, Queries: queries, K: k + float64(e)})
			}
		}
		x.Hubness = append(x.Hubness, capacity.HubnessRow{EfSearch: e, K: 10, Exact: 3, ANN: 2.9}, capacity.HubnessRow{EfSearch: e, K: 500, Exact: -1, ANN: -.8})
	}
	for _, policy := range []string{"Pad", "Raise", "Truncate", "Reject"} {
		for _, k := range study.Ks() {
			x.Policies = append(x.Policies, capacity.PolicyRow{Policy: policy, EfSearch: 50, K: k, Overlap: 1 / float64(k), Fill: .5})
		}
	}
	for _, selection := range []string{"when full (FAISS)", "always"} {
		for _, c := range []int{50, 100} {
			x.Construction = append(x.Construction, capacity.ConstructionRow{M: 32, EfConstruction: c, Selection: selection, MeanLinks: float64(c) / 3, Overlap100: .9, Overlap500: .6})
		}
	}
	return x
}

// withCoder returns results from which every figure can be drawn.
func withCoder(runs int) *Results {
	r := wholeStudy(runs)
	for _, record := range r.Records {
		if record.Condition == 1 {
			record.Index = coder.Key
			r.Records = append(r.Records, record)
		}
	}
	return r
}

// comparison returns the synthetic result of a comparison with one engine of each policy.
func comparison() *compare.Result {
	r := &compare.Result{}
	add := func(name string, policy engine.Policy, answer func(k, ef int) compare.Record) {
		r.Engines = append(r.Engines, compare.Row{Engine: name, Family: name, Color: "#0072b2", Version: "1", Observed: policy, Points: 10000, Dimensions: 2048})
		ask := func(k, ef int) {
			x := answer(k, ef)
			x.Engine, x.K, x.EfSearch, x.Queries, x.BatchPerSecond = name, k, ef, 200, 1e5/float64(max(ef, 1))
			if policy == engine.Exact {
				x.EfSearch, x.BatchPerSecond = 0, 100
			}
			r.Records = append(r.Records, x)
		}
		for _, k := range study.Ks() {
			ask(k, 50)
		}
		for _, ef := range []int{100, 200, 400} {
			if policy != engine.Exact {
				ask(100, ef)
			}
		}
	}
	at := func(overlap, fill float64) func(int, int) compare.Record {
		return func(k, ef int) compare.Record {
			beyond := min(1, float64(k)/500) // fraction of the largest k
			return compare.Record{Overlap: 1 - beyond*(1-overlap), Fill: 1 - beyond*(1-fill)}
		}
	}
	add("FAISS Flat", engine.Exact, at(1, 1))
	add("FAISS HNSW", engine.Pads, at(.5, .6))
	add("hnswlib", engine.Raises, func(k, ef int) compare.Record {
		return compare.Record{Overlap: .99 - max(0, float64(100-ef)/1000)*max(0, float64(450-k)/450), Fill: 1}
	})
	for i := range r.Records { // only the last efSearch has a high recall at k 100
		if x := &r.Records[i]; x.Engine == "hnswlib" && x.K == 100 && x.EfSearch < 400 {
			x.Overlap = .9
		}
	}
	add("pgvector HNSW", engine.Truncates, at(.1, .1))
	add("Milvus HNSW", engine.Rejects, func(k, ef int) compare.Record {
		if k > ef {
			return compare.Record{Overlap: math.NaN(), Fill: math.NaN(), Error: "ef should be larger than k"}
		}
		return compare.Record{Overlap: .95, Fill: 1}
	})
	r.Engines = append(r.Engines, compare.Row{Engine: "DuckDB vss HNSW", Family: "DuckDB", Color: "#999933", Missing: "is not in this build"})
	return r
}

func bulk() (rows []compare.BulkRow) {
	for _, m := range ann.Metrics {
		for _, x := range []struct {
			engine, way string
			measured    int
			seconds     float64
		}{
			{"anncapacity exact", compare.AllPairs, 100000, 10}, {"FAISS Flat", compare.OneByOne, 6400, 50}, {"FAISS Flat", compare.Batch, 100000, 15},
			{"pgvector exact", compare.OneByOne, 100, 300},
		} {
			rows = append(rows, compare.BulkRow{Engine: x.engine, Metric: m.String(), Way: x.way, Points: 100000, Dimensions: 256, K: 100,
				Measured: x.measured, Seconds: x.seconds, Ratio: x.seconds / 10, Overlap: 1})
		}
		rows = append(rows, compare.BulkRow{Engine: "DuckDB exact", Metric: m.String(), Missing: "is not in this build"})
	}
	return rows
}

// grown returns records whose quantities are powers of the number of points: 1.1 for the construction, 0.2 for a search, 1 for exact
// search and memory.
func grown() (records []growth.Record) {
	for i, engine := range growth.Engines {
		for _, n := range []int{1000, 10000, 30000, 100000} {
			r := growth.Record{Set: growth.Clustered, Engine: engine, Points: n, Dimensions: 128, M: growth.M, EfConstruction: growth.EfConstruction, Threads: 2,
				Build: 1e-5 * float64(i+1) * math.Pow(float64(n), 1.1), Single200: 1e4 / float64(i+1) / math.Pow(float64(n), .2), Memory: float64(n) / 1000}
			if i < 2 {
				r.Exact = 1e8 / float64((i+1)*n)
			}
			records = append(records, r)
		}
	}
	return records
}

func similarWords() (records []words.Record) {
	for _, d := range []int{2, 10, 50} {
		add := func(m words.Method, leaves int, visited, overlap float64) {
			records = append(records, words.Record{Projection: string(words.Random), Dimension: d, Method: string(m), Leaves: leaves, Points: 400000, Queries: 100, K: 10,
				Visited: visited, Overlap: overlap})
		}
		add(words.BruteForce, 0, 1, 1)
		add(words.DepthFirst, 0, float64(d)/50, 1)
		add(words.BestFirst, 0, float64(d)/60, 1)
		add(words.BestFirst, 10, .005, 1-.012*float64(d))
	}
	return records
}

// conditionOne returns the records of condition 1.
func conditionOne(r *Results) *Results {
	return &Results{Records: filter(r.Records, func(r study.Record) bool { return r.Condition == 1 })}
}
