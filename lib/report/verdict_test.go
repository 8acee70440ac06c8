package report_test

import (
	"strings"
	"testing"

	"anncapacity/lib/report"
	"anncapacity/lib/report/reporttest"
)

func TestVerdict(t *testing.T) {
	for name, want := range map[string]struct {
		answer         report.Answer
		text, instead  string // prefixes
		present, other bool
	}{
		"live": {report.No, "At k = 40 with hnsw.ef_search = 40, items.embedding returns 83.7 % of the true neighbours (95 % confidence interval 82.1 to 85.3 %; wanted: 95 %).",
			"Set hnsw.ef_search = 120: ", true, true},
		"filtered": {report.No, "At k = 40 with hnsw.ef_search = 40 (scan: off), items.embedding returns 2.1 % of the true neighbours among the 2,013 vectors that match the filter " +
			"(95 % confidence interval 1.5 to 2.7 %; wanted: 95 %), and 100 % of the queries get fewer answers than the 40 that they ask for.",
			"Set hnsw.iterative_scan = strict_order and keep", true, true},
		"good":          {report.Yes, "At k = 40 with hnsw.ef_search = 400, ", "A smaller setting is enough. Set hnsw.ef_search = 120", true, true},
		"undecided":     {report.Undecided, "At k = 40 with hnsw.ef_search = 120, ", "The present setting is the smallest one", true, true},
		"rejected":      {report.No, "At k = 100 with ef = 40, documents answers with an error instead of neighbours (policy: rejects).", "Set ef = 120", true, true},
		"no-advice":     {report.No, "At k = 40 with hnsw.ef_search = 40, ", "No setting that was tried is certain to reach a mean recall of 99.99 % at k = 40: 500 queries are too few to show it. The best, hnsw.ef_search = 1000, reaches", true, false},
		"one-setting":   {report.No, "At k = 40 with hnsw.ef_search = 40, ", "No setting that was tried", true, false},
		"file":          {report.No, "At k = 100 with efSearch = 16, index.faiss returns ", "Set efSearch = 160", true, true},
		"many-settings": {report.Unasked, "Set efSearch = 160 on this index", "", false, true},
		"advice":        {report.Unasked, "Set efSearch = 160 on this index", "", false, true},
		"long-names":    {report.No, "At k = 40 with hnsw.ef_search = 40 (scan: off), a_schema", "Set hnsw.iterative_scan", true, true},
	} {
		v := sample(t, name).Verdict()
		if v.Answer != want.answer || !strings.HasPrefix(v.Text, want.text) || !strings.HasPrefix(v.Instead, want.instead) || (want.instead == "") != (v.Instead == "") {
			t.Errorf("%s: %s. %s\n%s", name, v.Answer, v.Text, v.Instead)
		}
		if (v.Present != nil) != want.present || (v.Advised != nil) != want.other {
			t.Errorf("%s: present %v, advised %v", name, v.Present, v.Advised)
		}
	}
}

func sample(t *testing.T, name string) *report.Report {
	t.Helper()
	for _, s := range reporttest.All() {
		if s.Name == name {
			return s.Report
		}
	}
	t.Fatalf("there is no sample %q", name)
	return nil
}

// The verdict states what else is wrong: other k, the graph, an unused index.
func TestVerdictAlso(t *testing.T) {
	for name, want := range map[string]string{
		"file":      "At k = 10 it returns|37 of 60,000 vectors cannot be reached|1,200 of 60,000 vectors are marked as deleted|5 of 60,000 vectors differ",
		"no-advice": "the index is not used|The engine's exact scan returns all of them in 61.3 ms (p50)",
		"filtered":  "exact scan returns all of them in 4.1 ms (p50); no setting",
		"live":      "",
	} {
		also := strings.Join(sample(t, name).Verdict().Also, "\n")
		for _, part := range strings.Split(want, "|") {
			if !strings.Contains(also, part) || want == "" && also != "" {
				t.Errorf("%s: %q lacks %q", name, also, part)
			}
		}
	}
}

// The answer depends on the interval of the recall, and the recall on Target.
func TestAnswer(t *testing.T) {
	r := reporttest.OneSetting()
	for _, c := range []struct {
		interval [2]float64
		want     report.Answer
	}{{[2]float64{.95, .96}, report.Yes}, {[2]float64{.9, .9499}, report.No}, {[2]float64{.9499, .99}, report.Undecided}, {[2]float64{.9, .95}, report.Undecided}} {
		r.Settings[0].Interval = c.interval
		if got := r.Verdict().Answer; got != c.want {
			t.Errorf("%v: %s, want %s", c.interval, got, c.want)
		}
	}
	r.Settings[0].Recall, r.Target = .123, report.ByIdentity
	if text := r.Verdict().Text; !strings.Contains(text, "returns 12.3 %") {
		t.Error(text)
	}
	r.Target, r.Settings[0].RecallByDistance, r.Settings[0].Interval = report.ByDistance, .96, [2]float64{.94, .98}
	if v := r.Verdict(); !strings.Contains(v.Instead, "at k = 40: 500 queries are too few to show it. The best, hnsw.ef_search = 40, reaches 96 % on them.") {
		t.Error(v.Instead)
	}
	r.Settings = nil
	if v := r.Verdict(); v.Present != nil || v.Answer != report.Unasked || !strings.HasPrefix(v.Text, "No setting that was tried") {
		t.Errorf("without settings: %+v", v)
	}
}

func TestString(t *testing.T) {
	text := reporttest.Rejected().String()
	for _, want := range []string{
		"No. At k = 100 with ef = 40, documents answers with an error",
		"\nSet ef = 120: ",
		"\n    search_params = {\"params\": {\"ef\": 120}}\n",
		"\nMilvus HNSW 2.6.0 · 200,000 vectors of 384 dimensions · metric cosine · 500 queries · recall by distance\n",
		"\n    k    ef  recall  95 % interval    fill  short  p50 ms  p95 ms  p99 ms  exact p50 ms\n",
		"\n  100    40   error          error   error  error       –       –       –             –  present\n",
		"\n  100   120  0.9569  0.9480",
		"  advised\n",
		"\nHow it was measured:\n  When k exceeds ef, the engine answers with an error.\n  500 stored vectors",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if text := reporttest.OneSetting().String(); strings.Contains(text, "visited") || strings.Contains(text, "p50") {
		t.Errorf("the text shows what was not measured\n%s", text)
	}
	r := reporttest.Live()
	for policy, want := range map[string]string{"exact": "compares the query with every vector.", "truncates": "no more vectors than hnsw.ef_search.", "own": "policy is: own."} {
		if r.Policy = policy; !strings.HasSuffix(r.PolicySentence(), want) {
			t.Errorf("%s: %s", policy, r.PolicySentence())
		}
	}
	if text := reporttest.NoAdvice().String(); !strings.Contains(text, "present, index not used\n") {
		t.Error(text)
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{
		0: "0 %", .00001: "< 0.1 %", .863: "86.3 %", .95: "95 %", .9987: "99.87 %", .9999: "99.99 %", .99996: "99.996 %", .9999999: "99.9999 %", 1: "100 %",
	} {
		if got := report.Percent(share); got != want {
			t.Errorf("%v: %s, want %s", share, got, want)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 200000: "200,000", -1234567: "-1,234,567"} {
		if got := report.Thousands(n); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
