package figure

import (
	"anncapacity/lib/capacity"
	"anncapacity/lib/compare"
	"anncapacity/lib/study"
	"anncapacity/lib/words"
)

// Entry is one figure of the study: what it is drawn from, and what it shows.
type Entry struct {
	Name  string // of the function and of the files
	From  string // the file of records that it is drawn from
	Shows string // without numbers: those are in Caption
	Draw  func(r *Results, about Subject) (*Figure, error)
	tells func(r *Results) ([]string, error) // what the results say there, in sentences; nil means nothing
}

// Catalogue is every figure that is drawn from the records of a study, in the order of the notebooks.
var Catalogue = []Entry{
	{"OverlapFixedEffort", study.RecordsFile, "Condition 1: neighbourhood overlap against k, for each efSearch and index.",
		ofRecords(OverlapFixedEffort), overlapFindings},
	{"OverlapCollapse", study.RecordsFile, "The same overlaps against k / efSearch: the lines of an index fall together where only that ratio counts.",
		ofRecords(OverlapCollapse), collapseFindings},
	{"FiveViewsFixedEffort", study.RecordsFile, "Condition 1, efSearch varies, in the paper's five views: " + fiveViewsAre + ".",
		ofRecords(FiveViewsFixedEffort), viewsFindings(1, study.IndexHNSW)},
	{"FiveViewsCoderHNSW", study.RecordsFile, "The same on coder/hnsw as it was released.",
		ofRecords(FiveViewsCoderHNSW), viewsFindings(1, indexCoderHNSW)},
	{"FiveViewsIndexQuality", study.RecordsFile, "Condition 2, efConstruction varies, in the five views.",
		ofRecords(FiveViewsIndexQuality), viewsFindings(2, study.IndexHNSW)},
	{"FiveViewsScaledEffort", study.RecordsFile, "Condition 3, efSearch = alpha · k rounded down, in the five views.",
		ofRecords(FiveViewsScaledEffort), viewsFindings(3, study.IndexHNSW)},
	{"PublishedFixedEffort", study.RecordsFile, "Condition 1 in the paper's own definitions, the authors' numbers in grey under ours. " + publishedMeans,
		ofRecords(PublishedFixedEffort), publishedFindings(1, recordsOf)},
	{"PublishedIndexQuality", study.RecordsFile, "The same for condition 2.", ofRecords(PublishedIndexQuality), publishedFindings(2, recordsOf)},
	{"PublishedScaledEffort", study.AsPublishedFile, "The same for condition 3, on an index of the authors' efConstruction.",
		func(r *Results, about Subject) (*Figure, error) {
			return PublishedScaledEffort(r.AsPublished, about)
		},
		publishedFindings(3, func(r *Results) []study.Record { return r.AsPublished })},
	{"OverlapSurface", "surface.csv", "Overlap at every (k, efSearch) of run 0, with contours; one walk per query gives them all.",
		explained(OverlapSurface, surfaceOf), told(surfaceFindings, surfaceOf)},
	{"Capacity", "capacity.csv", "How many nodes a search visits: the share of run 0's queries that visit at most so many, logarithmic, so that the rare low ones show.",
		explained(Capacity, capacityOf), told(capacityFindings, capacityOf)},
	{"PredictedFailure", "failure.csv and " + study.RecordsFile, "The share of queries whose capacity in run 0 is below k (lines), and the share with an empty slot in the other runs (markers).",
		func(r *Results, about Subject) (*Figure, error) {
			return PredictedFailure(r.Capacity.Failure, r.Records, about)
		}, failureFindings},
	{"HardFailure", "hard_failure.csv", "The k at which the first of so many queries is expected to get fewer neighbours than it asks for: an order statistic, which moves with the number of queries, efSearch, efConstruction and M.",
		explained(HardFailure, hardFailureOf), told(hardFailureFindings, hardFailureOf)},
	{"Policies", "policies.csv", "Overlap and fill against k for the four things that engines do when k exceeds efSearch.",
		explained(Policies, policiesOf), told(policyFindings, policiesOf)},
	{"Construction", "construction.csv", "Links per node and overlap against efConstruction. Selecting links only when they do not fit, as FAISS does, leaves the graph of a small efConstruction dense.",
		explained(Construction, constructionOf), told(constructionFindings, constructionOf)},
	{"Hubness", "hubness.csv", "Skewness of the k-occurrence (how many lists a point is in), in exact and in approximate lists.",
		explained(Hubness, hubnessOf), told(hubnessFindings, hubnessOf)},
	{"EnginePolicies", enginesFiles, "What real engines return on the same embeddings at one efSearch, by what they were seen to do when k exceeds it. " + enginePoliciesAre,
		ofEngines(EnginePolicies), enginesTold(EnginePoliciesFindings)},
	{"RecallSpeed", enginesFiles, "Recall against queries per second of a batch on every core, up and right is better; lines go through efSearch, dots are exact engines. " +
		"As in ann-benchmarks, a setting is left out that another one of the same engine beats in both. " +
		"The policies of this project's index answer alike once efSearch reaches k: one of them stands for all.",
		ofEngines(RecallSpeed), enginesTold(RecallSpeedFindings)},
	{"TreeOnWords", words.RecordsFile, "Similar words in a k-d tree: the share of the words that a search looks at, and the overlap with the true neighbours, against the dimension " +
		"that GloVe's vectors are projected to. Without a budget the tree is exact; a budget is a number of leaves.",
		func(r *Results, _ Subject) (*Figure, error) { return TreeOnWords(r.Words) },
		func(r *Results) ([]string, error) { return TreeOnWordsFindings(r.Words) }},
	{"BulkSearch", compare.BulkFile, "Seconds for the neighbours of every point of a set, by engine, way of asking and metric. Exact engines, and HNSW beside them; construction is not counted.",
		func(r *Results, about Subject) (*Figure, error) { return BulkSearch(r.Bulk, about) },
		func(r *Results) ([]string, error) { return BulkSearchFindings(r.Bulk) }},
}

const (
	enginesFiles      = "engines.csv and engine_records.csv"
	enginePoliciesAre = "Lines are the overlap with the exact neighbours, dotted ones the share of the k slots that are filled; " +
		"a question that was refused has no line."
)

func ofEngines(draw func(*compare.Result, Subject) (*Figure, error)) func(*Results, Subject) (*Figure, error) {
	return func(r *Results, about Subject) (*Figure, error) { return draw(r.Engines, about) }
}

func enginesTold(findings func(*compare.Result) ([]string, error)) func(*Results) ([]string, error) {
	return func(r *Results) ([]string, error) { return findings(r.Engines) }
}

const (
	fiveViewsAre = "(a) overlap; (b) mean distance of the neighbours found, beside the exact ones; (c) its excess over the exact mean of as many ranks; " +
		"(d) distance of the barycentres in root-mean-square radii of the exact neighbourhood; (e) LID, maximum likelihood at k, beside the exact one"
	publishedMeans = "Distances are squared there, an empty slot counts as the largest float32, a query with two of them is left out, and its label is read as the last point: " +
		"panel c jumps where one query of thousands has one empty slot, and falls back where it has two. Levels compare only for STL-10 and IMAGENET1K_V2."
)

func recordsOf(r *Results) []study.Record                           { return r.Records }
func surfaceOf(x *capacity.Results) []capacity.SurfaceRow           { return x.Surface }
func capacityOf(x *capacity.Results) []capacity.Row                 { return x.Capacity }
func hardFailureOf(x *capacity.Results) []capacity.HardFailureRow   { return x.HardFailure }
func policiesOf(x *capacity.Results) []capacity.PolicyRow           { return x.Policies }
func constructionOf(x *capacity.Results) []capacity.ConstructionRow { return x.Construction }
func hubnessOf(x *capacity.Results) []capacity.HubnessRow           { return x.Hubness }

func ofRecords(draw func([]study.Record, Subject) (*Figure, error)) func(*Results, Subject) (*Figure, error) {
	return func(r *Results, about Subject) (*Figure, error) { return draw(r.Records, about) }
}

func explained[R any](draw func([]R, Subject) (*Figure, error), rows func(*capacity.Results) []R) func(*Results, Subject) (*Figure, error) {
	return func(r *Results, about Subject) (*Figure, error) { return draw(rows(r.Capacity), about) }
}

func told[R any](findings func([]R) ([]string, error), rows func(*capacity.Results) []R) func(*Results) ([]string, error) {
	return func(r *Results) ([]string, error) { return findings(rows(r.Capacity)) }
}

// lacks is why an entry cannot be drawn from the results, or empty.
func (e Entry) lacks(r *Results) string {
	switch {
	case e.From == study.AsPublishedFile && r.AsPublished == nil:
		return "condition " + study.AsPublished + " was not run"
	case e.From == enginesFiles:
		return unless(r.Engines != nil, "anncapacity engines was not run")
	case e.From == compare.BulkFile:
		return unless(r.Bulk != nil, "anncapacity engines -bulk was not run")
	case e.From == words.RecordsFile:
		return unless(r.Words != nil, "there are no measurements on word vectors (notebook 6, after environment/setup.sh engines)")
	case e.From != study.RecordsFile && e.From != study.AsPublishedFile && r.Capacity == nil:
		return "the tables of anncapacity study -explain are missing"
	}
	return ""
}

func unless(there bool, why string) string {
	if there {
		return ""
	}
	return why
}
