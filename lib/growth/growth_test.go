package growth

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// served is the variable of the environment that makes the test's program a process of Run.
const served = "ANNCAPACITY_TEST_GROWTH"

func TestMain(m *testing.M) {
	if os.Getenv(served) != "" {
		if err := Serve(context.Background(), os.Args[1], os.Stdout); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// All engines find most neighbours, and a second run returns the stored records without a measurement.
func TestRun(t *testing.T) {
	if !testkit.HasPeers(t, "growth with the peers", "hnswlib") {
		return
	}
	t.Setenv(served, "1")
	root := testkit.Root(t)
	o := Options{
		Out: t.TempDir(), Program: []string{os.Args[0]}, Python: filepath.Join(root, ".local", "peers", "bin", "python"),
		Script: filepath.Join(root, "environment", "peers", "growth.py"),
	}
	jobs := Series(Clustered, []int{600}, 1)
	first, err := Run(context.Background(), jobs, o)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range first {
		exact := r.Engine == Own || r.Engine == "FAISS"
		if r.Engine != Engines[i] || r.Points != 600 || r.Dimensions != 128 || r.Threads != runtime.NumCPU() || r.Version == "" && r.Engine != Own {
			t.Errorf("%+v", r)
		}
		if !(r.Overlap50 > .5 && r.Overlap200 >= r.Overlap50 && r.Overlap200 <= 1) {
			t.Errorf("%s: overlap %v and %v", r.Engine, r.Overlap50, r.Overlap200)
		}
		for _, x := range []float64{r.Build, r.BuildCPU, r.Single50, r.Single200, r.Batch50, r.Batch200} {
			if !(x > 0) {
				t.Errorf("%s: not measured: %+v", r.Engine, r)
			}
		}
		if !(r.Held > 0 && r.Memory > 0) || r.Engine == Own && r.Held < 600*128*4/1e6 || (r.Exact > 0) != exact || (r.Walk50 > 0) != (r.Engine == Own) {
			t.Errorf("%s: %+v", r.Engine, r)
		}
	}
	if _, err := os.Stat(filepath.Join(o.Out, "parts", "growth", "vectors")); err == nil {
		t.Error("the vectors were not removed")
	}
	o.Python = "/absent"
	o.Done = func(j Job, stored bool) {
		if !stored {
			t.Errorf("%v was not stored", j)
		}
	}
	if again, err := Run(context.Background(), jobs, o); err != nil || !slices.Equal(again, first) {
		t.Errorf("a second run: %+v, %v", again, err)
	}
}

// A process that fails is an error with its words, and nothing is stored.
func TestFailure(t *testing.T) {
	out := t.TempDir()
	_, err := Run(context.Background(), []Job{{Clustered, Own, 20, 0}}, Options{Out: out, Program: []string{"sh", "-c", "echo out of memory >&2; exit 3"}})
	if err == nil || !strings.Contains(err.Error(), "anncapacity, clustered, 20 points: exit status 3: out of memory") {
		t.Error(err)
	}
	if stored, _ := filepath.Glob(filepath.Join(out, "parts", "growth", "*.json")); len(stored) > 0 {
		t.Error(stored)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(stopped, []Job{{Clustered, Own, 20, 0}}, Options{Out: out, Program: []string{"sleep", "9"}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestJobs(t *testing.T) {
	for _, j := range []Job{{"stars", Own, 100, 0}, {Clustered, "Faiss", 100, 0}, {Clustered, Own, K, 0}, {Words, Own, 400000, 0}} {
		if err := j.Check(); err == nil {
			t.Errorf("%v is no error", j)
		}
	}
	if all := Series(Clustered, []int{100, 200}, 2); len(all) != 16 || all[0] != (Job{Clustered, Own, 100, 0}) || all[15] != (Job{Clustered, "usearch", 200, 1}) {
		t.Error(all)
	}
}

// The first vectors of a set do not depend on their number or on the number of processors.
func TestClustered(t *testing.T) {
	many := clustered(300)
	before := runtime.GOMAXPROCS(1)
	few := clustered(30)
	runtime.GOMAXPROCS(before)
	if !slices.Equal(few.Data, many.Data[:len(few.Data)]) {
		t.Error("the first 30 vectors differ")
	}
}

func TestAnonymous(t *testing.T) {
	for status, want := range map[string]int64{
		"VmRSS:\t  9 kB\nRssAnon:\t     120 kB\nRssFile:\t 7 kB\n": 120 << 10, "RssAnon:\t 0 kB\nRssFile: 7 kB\n": 0, "RssAnon: 52": 52 << 10, "": 0,
	} {
		if got := anonymousOf([]byte(status)); got != want {
			t.Errorf("%q: %d, want %d", status, got, want)
		}
	}
	if got := testing.AllocsPerRun(10, func() { anonymous() }); got > 1 || anonymous() < 1<<20 {
		t.Errorf("%v allocations, %d bytes", got, anonymous())
	}
}

// A measurement of the project by another program is another one; those of the other engines stay.
func TestKey(t *testing.T) {
	own, peer := Job{Clustered, Own, 20, 0}, Job{Clustered, Peers[0], 20, 0}
	a, b := [32]byte{1}, [32]byte{2}
	if key(own, a) == key(own, b) || key(peer, a) != key(peer, b) {
		t.Error("keys do not depend on the program as they should")
	}
}
