package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// valid is a report of one effort whose vectors and reads are not known.
const valid = `{"version": 1, "peer": "diskann", "library": "l", "setting": "s", "stored": "uint8", "effort_name": "L",
"n": 100, "d": 8, "queries": 5, "k": 10, "budget": 8, "memory_bytes": 900, "memory_formula": "f", "resident_bytes": 0,
"disk_bytes": 4096, "build_seconds": 0.5, "reads_from": "r", "rows": [{"effort": 3, "recall1": 0.5, "recall10": 0.25,
"vectors": null, "bytes_read": 8192, "reads": null, "faults": 0, "cold_ms": 2, "cold_p50_ms": 1.5, "warm_ms": 1, "warm_p50_ms": 0.5, "cpu_ms": 0.75}]}`

func readText(t *testing.T, text string) ([]Row, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return readReport(path, "diskann", 8)
}

func TestReportBecomesRows(t *testing.T) {
	rows, err := readText(t, valid)
	want := Row{
		Peer: "diskann", Library: "l", Setting: "s", Stored: "uint8", Budget: 8, EffortName: "L", Effort: 3,
		MemoryBytesPerVector: 9, MemoryFormula: "f", DiskBytesPerVector: 40.96, ReadAheadBytes: -1, Recall1: 0.5, Recall10: 0.25,
		Vectors: -1, BytesRead: 8192, Reads: -1, ReadsFrom: "r",
		ColdMilliseconds: 2, ColdP50Milliseconds: 1.5, WarmMilliseconds: 1, WarmP50Milliseconds: 0.5, CPUMilliseconds: 0.75,
		BuildSeconds: 0.5,
	}
	if err != nil || len(rows) != 1 || rows[0] != want {
		t.Errorf("%+v, %v; want %+v", rows, err, want)
	}
}

func TestReportsThatCannotBeRight(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"version": 1`, `"version": 2`, "version"},
		{`"diskann"`, `"lancedb"`, "peer"},
		{`"budget": 8`, `"budget": 4`, "at 4"},
		{`"k": 10`, `"k": 1`, "k"},
		{`"uint8"`, `"int4"`, "stored"},
		{`"memory_bytes": 900`, `"memory_bytes": 0`, "memory"},
		{`"library": "l"`, `"library": ""`, "empty"},
		{`"recall1": 0.5`, `"recall1": 1.5`, "recall"},
		{`"bytes_read": 8192`, `"bytes_read": 0`, "cache"},
		{`"cold_ms": 2`, `"cold_ms": 0`, "times"},
		{`"vectors": null`, `"vectors": 0`, "vectors"},
		{`"rows": [`, `"rows": [[`, "json"},
	} {
		if !strings.Contains(valid, c.old) {
			t.Fatalf("no %s in the report", c.old)
		}
		_, err := readText(t, strings.Replace(valid, c.old, c.new, 1))
		testkit.WantMentions(t, c.new, err, "report.json", c.want)
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	good := write(t)
	for _, c := range []struct {
		name   string
		change func(o *Options)
	}{
		{"Base", func(o *Options) { o.Base += "x" }},
		{"Queries", func(o *Options) { o.Queries = t.TempDir() }},
		{"Truth", func(o *Options) { o.Truth = "absent" }},
		{"Out", func(o *Options) { o.Out = "" }},
		{"Budgets", func(o *Options) { o.Budgets = []float64{4, 0} }},
		{"Peers", func(o *Options) { o.Peers = []string{"annoy"} }},
		{"Efforts", func(o *Options) { o.Efforts = []int{2, 2} }},
		{"Seed", func(o *Options) { o.Seed = -1 }},
	} {
		o := good
		c.change(&o)
		_, err := Run(t.Context(), o)
		testkit.WantMentions(t, c.name, err, c.name)
	}
}

func TestAbsentPeersAreNamed(t *testing.T) {
	p := peer{key: "none", python: "none", module: "none", install: "make none"}
	err := p.absent()
	testkit.WantMentions(t, "a peer without an environment", err, "none/bin/python")
	for _, p := range all {
		if p.install == "" || high[p.key] == 0 {
			t.Errorf("%s: no way to install it, or no test", p.key)
		}
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var said tail
	for i := range 2000 {
		fmt.Fprintf(&said, "line %d\n", i)
	}
	if !strings.HasSuffix(string(said), "line 1999\n") || len(said) != tailBytes {
		t.Errorf("%d bytes, %q", len(said), said[len(said)-20:])
	}
}
