package sharding

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"anncapacity/lib/engine"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/report"
)

// String returns the advice as text.
func (a *Advice) String() string {
	var text strings.Builder
	p := message.NewPrinter(language.English)
	p.Fprintf(&text, "%s: %d vectors of %d dimensions, %s, in %d shards %s (%d to %d vectors); wanted: recall %v\n\n", a.Name, a.N, a.D, a.Metric,
		a.Shards, a.dealt(), a.Smallest, a.Largest, a.Wanted)
	for _, n := range a.ByK {
		a.sentence(&text, p, n)
	}
	a.table(&text, p)
	for _, n := range a.ByK {
		policies(&text, p, n)
	}
	asked := "points, each removed from its own answer by identity"
	if a.OwnQueries {
		asked = "vectors that are no indexed points"
	}
	p.Fprintf(&text, "\nQueries: %d %s. %d of them determine the efSearch, the other %d verify it.\n", a.CalibratedOn+a.VerifiedOn, asked, a.CalibratedOn, a.VerifiedOn)
	p.Fprintf(&text, "Graphs: M = %d, efConstruction = %d. Builds of all shards: %d, each with vectors dealt anew, from seed %d on; the largest efSearch is the advice.\n",
		a.M, a.EfConstruction, a.Builds, a.Seed)
	p.Fprintf(&text, "Predicted: from one graph on all vectors, before the shards were built, without a bound. Bound: with %.0f %% confidence.\n", 100*report.Level)
	text.WriteString("Distances: computed by a query on level 0, over all shards.\n")
	return text.String()
}

func (a *Advice) dealt() string {
	if a.By == Cell {
		return "by cell of k-means"
	}
	return "at random"
}

// sentence writes the advice for one k.
func (a *Advice) sentence(text *strings.Builder, p *message.Printer, n Need) {
	if n.EfSearch == 0 {
		p.Fprintf(text, "k = %d: no efSearch is known to give the recall. The highest recall of the queries is %.4f.\n", n.K, n.Highest)
		return
	}
	p.Fprintf(text, "k = %d: set efSearch = %d on every shard. Mean recall at least %.4f with %.0f %% confidence; %.4f on the queries that verify it.\n",
		n.K, n.EfSearch, n.Bound, 100*report.Level, n.Verified)
	if n.AnyPolicy > n.EfSearch {
		p.Fprintf(text, "    With engines that truncate or reject k > efSearch, efSearch = %d on every shard is enough.\n", n.AnyPolicy)
	}
}

// table writes what the shards and one graph need.
func (a *Advice) table(text *strings.Builder, p *message.Printer) {
	text.WriteString("\n")
	w := tabwriter.NewWriter(text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "k\tefSearch a shard\tpredicted\tdistances\tefSearch of one graph\tdistances")
	for _, n := range a.ByK {
		p.Fprintf(w, "%d\t%s\t%s\t%.0f\t%s\t%.0f\n", n.K, orNone(n.EfSearch), orNone(n.Predicted), n.Distances, orNone(n.OneGraph.EfSearch), n.OneGraph.Distances)
	}
	w.Flush()
}

func orNone(ef int) string {
	if ef == 0 {
		return "none"
	}
	return fmt.Sprint(ef)
}

// policies writes the merged answers where the policies differ: if an engine asks a shard for more than efSearch neighbours.
func policies(text *strings.Builder, p *message.Printer, n Need) {
	if n.EfSearch == 0 || n.EfSearch > n.K {
		return
	}
	p.Fprintf(text, "\nEngines ask every shard for k = %d, which exceeds efSearch = %d. The merged answers:\n\n", n.K, n.EfSearch)
	w := tabwriter.NewWriter(text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "policy of a shard\tmean recall\tfill\tengines")
	for i, answers := range n.Policies {
		engines := enginesWith(hnsw.Policies[i])
		if answers.Rejected {
			p.Fprintf(w, "%s\tan error\t\t%s\n", answers.Policy, engines)
			continue
		}
		p.Fprintf(w, "%s\t%.4f\t%.4f\t%s\n", answers.Policy, answers.Recall, answers.Fill, engines)
	}
	w.Flush()
}

// enginePolicies maps the policies of HNSW engines to those of package hnsw.
var enginePolicies = map[engine.Policy]hnsw.Policy{
	engine.Pads: hnsw.Pad, engine.Raises: hnsw.Raise, engine.Truncates: hnsw.Truncate, engine.Rejects: hnsw.Reject,
}

// enginesWith names the engines that follow a policy.
func enginesWith(p hnsw.Policy) string {
	for of, same := range enginePolicies {
		if same == p {
			return engine.Following(of)
		}
	}
	return ""
}
