package figure

import (
	"anncapacity/lib/study"
)

// Entry is one figure of the study: what it is drawn from, and what it shows.
type Entry struct {
	Name  string // of the function and of the files
	From  string // the file of records that it is drawn from
	Shows string
	Draw  func(r *study.Results, about Subject) (*Figure, error)
}

// Catalogue is every figure that is drawn from the records of a study, in the order of the notebooks.
var Catalogue = []Entry{
	{"OverlapFixedEffort", study.RecordsFile, "Condition 1: neighbourhood overlap against k, for each efSearch and index.", ofRecords(OverlapFixedEffort)},
	{"OverlapCollapse", study.RecordsFile, "The same overlaps against k / efSearch: the lines of an index fall together where only that ratio counts.", ofRecords(OverlapCollapse)},
	{"FiveViewsFixedEffort", study.RecordsFile, "Condition 1 in the paper's five views (" + fiveViewsAre + ").", ofRecords(FiveViewsFixedEffort)},
	{"FiveViewsCoderHNSW", study.RecordsFile, "The same on coder/hnsw as it was released.", ofRecords(FiveViewsCoderHNSW)},
	{"FiveViewsIndexQuality", study.RecordsFile, "Condition 2, efConstruction 50 to 400 at efSearch 50, in the five views.", ofRecords(FiveViewsIndexQuality)},
	{"FiveViewsScaledEffort", study.RecordsFile, "Condition 3, efSearch = max(2, floor(alpha · k)), in the five views.", ofRecords(FiveViewsScaledEffort)},
	{"PublishedFixedEffort", study.RecordsFile, "Condition 1 in the paper's own definitions, the authors' numbers in grey under ours. " + publishedMeans, ofRecords(PublishedFixedEffort)},
	{"PublishedIndexQuality", study.RecordsFile, "The same for condition 2.", ofRecords(PublishedIndexQuality)},
	{"PublishedScaledEffort", study.AsPublishedFile, "The same for condition 3, on an index of efConstruction 400 like the authors'.", func(r *study.Results, about Subject) (*Figure, error) {
		return PublishedScaledEffort(r.AsPublished, about)
	}},
	{"OverlapSurface", "surface.csv", "Overlap at every (k, efSearch) of run 0, with contours; one walk per query gives them all.", explained(OverlapSurface, func(x *study.Explanation) []study.SurfaceRow { return x.Surface })},
	{"Capacity", "capacity.csv", "How many nodes a search visits: the share of run 0's queries that visit at most so many, logarithmic, so that the rare low ones show.", explained(Capacity, func(x *study.Explanation) []study.CapacityRow { return x.Capacity })},
	{"PredictedFailure", "failure.csv and " + study.RecordsFile, "The share of queries whose capacity in run 0 is below k (lines), and the share with an empty slot in the other runs (markers).", func(r *study.Results, about Subject) (*Figure, error) {
		return PredictedFailure(r.Explanation.Failure, r.Records, about)
	}},
	{"HardFailure", "hard_failure.csv", "The k at which the first of so many queries is expected to get fewer neighbours than it asks for: an order statistic, which moves with the number of queries, efSearch, efConstruction and M.", explained(HardFailure, func(x *study.Explanation) []study.HardFailureRow { return x.HardFailure })},
	{"Policies", "policies.csv", "Overlap and fill against k for the four things that engines do when k exceeds efSearch.", explained(Policies, func(x *study.Explanation) []study.PolicyRow { return x.Policies })},
	{"Construction", "construction.csv", "Links per node and overlap against efConstruction. Selecting links only when they do not fit, as FAISS does, leaves the graph of efConstruction 50 dense.", explained(Construction, func(x *study.Explanation) []study.ConstructionRow { return x.Construction })},
	{"Hubness", "hubness.csv", "Skewness of the k-occurrence (how many lists a point is in), in exact and in approximate lists.", explained(Hubness, func(x *study.Explanation) []study.HubnessRow { return x.Hubness })},
}

const (
	fiveViewsAre = "overlap; mean distance of the neighbours found, beside the exact ones; its excess over the exact mean of as many ranks; " +
		"distance of the barycentres in root-mean-square radii of the exact neighbourhood; LID, maximum likelihood at k, beside the exact one"
	publishedMeans = "Distances are squared there, an empty slot counts as 3.4e38, a query with two of them is left out, and its label is read as the last point: " +
		"panel c jumps where one query of thousands has one empty slot, and falls back where it has two. Levels compare only for STL-10 and IMAGENET1K_V2."
)

func ofRecords(draw func([]study.Record, Subject) (*Figure, error)) func(*study.Results, Subject) (*Figure, error) {
	return func(r *study.Results, about Subject) (*Figure, error) { return draw(r.Records, about) }
}

func explained[R any](draw func([]R, Subject) (*Figure, error), rows func(*study.Explanation) []R) func(*study.Results, Subject) (*Figure, error) {
	return func(r *study.Results, about Subject) (*Figure, error) { return draw(rows(r.Explanation), about) }
}

// lacks is why an entry cannot be drawn from the results, or empty.
func (e Entry) lacks(r *study.Results) string {
	switch {
	case e.From == study.AsPublishedFile && r.AsPublished == nil:
		return "condition " + study.AsPublished + " was not run"
	case e.From != study.RecordsFile && e.From != study.AsPublishedFile && r.Explanation == nil:
		return "the tables of anncapacity study -explain are missing"
	}
	return ""
}
