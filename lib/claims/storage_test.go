package claims

import (
	"math"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/storage/stop"
	storage "anncapacity/lib/storage/study"
)

// clusters returns rows of k-means and closure at recall@1 = .90 with three seeds: 10,000, 5,000 and 2,500 vectors with 100, 400 and 1,600
// clusters, which take 1, 4 and 16 bytes for each vector. storage.Closure fetches a tenth fewer.
func clusters(base int, test string) (rows []storage.Row) {
	for seed := range uint64(3) {
		for _, bytes := range []float64{1, 4, 16} {
			r := storage.Row{Data: "SIFT", Way: storage.KMeans, Seed: seed, Base: base, Budget: bytes, Memory: bytes, Units: int(100 * bytes), Test: test,
				Rule: stop.Fixed.Key, K: 1, Recall: .9, Vectors: 10_000 / math.Sqrt(bytes), Copies: 1}
			rows = append(rows, r)
			r.Way, r.Vectors = storage.Closure, .9*r.Vectors
			rows = append(rows, r)
		}
	}
	return rows
}

// network returns the rows of a network with 400 clusters and 16 bytes for each vector that fetches that many vectors before duplication.
// Each of two rounds of duplication multiplies them by step.
func network(base, learn int, test string, vectors, step float64) (rows []storage.Row) {
	for seed := range uint64(3) {
		for round := range 3 {
			rows = append(rows, storage.Row{Data: "SIFT", Way: storage.PaperNetwork, Seed: seed, Base: base, Memory: 16, Units: 400, Learn: learn, Source: "photographs", Round: round, Test: test,
				Rule: stop.Fixed.Key, K: 1, Recall: .9, Vectors: vectors * math.Pow(step, float64(round)), Reads: 10, Copies: 1 + .1*float64(round)})
		}
	}
	return rows
}

// verdicts returns the verdicts by the claim.
func verdicts(t *testing.T, rows []storage.Row) map[string]StorageClaim {
	t.Helper()
	all := map[string]StorageClaim{}
	for _, c := range CheckStorage(rows) {
		if all[c.Claim].Claim != "" {
			t.Errorf("%q is checked twice", c.Claim)
		}
		all[c.Claim] = c
	}
	return all
}

// The network fetches 4,000 · .9² = 3,240 vectors, 35 % fewer than k-means with as many clusters (5,000), and 30 % more than k-means with
// as much memory (2,500). With 90,000 learn queries it fetches 1,620.
func TestStorageClaims(t *testing.T) {
	const base = 10_000
	rows := slices.Concat(clusters(base, storage.OtherPhotographs), network(base, 1_000, storage.OtherPhotographs, 4_000, .9))
	few := verdicts(t, rows)
	rows = append(rows, network(base, 90_000, storage.OtherPhotographs, 2_000, .9)...)
	many := verdicts(t, slices.Concat(rows, clusters(base, storage.NearBase), network(base, 90_000, storage.NearBase, 1_000, .9)))
	for claim, want := range map[string][2]string{
		"At 90 % recall@1 the network fetches fewer vectors than k-means with as many clusters":                                                  {"yes", "yes"},
		"At 90 % recall@1 the network fetches at least 58 % fewer vectors than k-means with as many clusters":                                    {"no", "partly"},
		"At 90 % recall@1 the network fetches fewer vectors than k-means with as much memory":                                                    {"no", "partly"},
		"At 90 % recall@1 the network fetches at least 58 % fewer vectors than k-means with as much memory":                                      {"no", "no"},
		"At 90 % recall@1 the network fetches at least 80 % fewer vectors than SPANN's closure with as many clusters":                            {"no", "no"},
		"Duplication of the mispredicted pairs helps: the network fetches fewer vectors after the last round than before, copies counted":        {"yes", "yes"},
		"The network learns from queries: on every base, that with the most learn queries fetches fewer vectors than that with the fewest":       {"not run", "yes"},
		"The network fetches fewer vectors than k-means on CLIP embeddings, too":                                                                 {"not tested", "not tested"},
		"Not in the paper: the network saves more on queries that are near to the learn set or to the base than on those from other photographs": {"not run", "yes"},
	} {
		if few[claim].Here != want[0] || many[claim].Here != want[1] {
			t.Errorf("%q: %q and %q, want %q", claim, few[claim], many[claim], want)
		}
	}
	c := many["At 90 % recall@1 the network fetches at least 58 % fewer vectors than k-means with as many clusters"]
	if c.Condition != "9 learn queries for each of 10000 SIFT vectors" || !strings.HasPrefix(c.Numbers, "-67.6 % (-67.6 to -67.6) with 9 learn") {
		t.Errorf("%+v", c)
	}
	for _, c := range CheckStorage(nil) {
		if c.Here != "not run" && c.Here != "not tested" {
			t.Errorf("without rows: %+v", c)
		}
	}
}

// A statement that one of three seeds contradicts does not hold.
func TestEverySeedCounts(t *testing.T) {
	rows := slices.Concat(clusters(10_000, storage.OtherPhotographs), network(10_000, 1_000, storage.OtherPhotographs, 4_900, 1))
	const claim = "At 90 % recall@1 the network fetches fewer vectors than k-means with as many clusters"
	if c := verdicts(t, rows)[claim]; c.Here != "yes" {
		t.Errorf("%+v", c)
	}
	rows[len(rows)-1].Vectors = 5_100
	if c := verdicts(t, rows)[claim]; c.Here != "no" || !strings.Contains(c.Numbers, "-0.7 % (-2.0 to +2.0)") {
		t.Errorf("%+v", c)
	}
}

// A way with 4.1 bytes is compared with k-means interpolated at 4.1 bytes, with its own rules and with those of k-means.
func TestStorageTargets(t *testing.T) {
	rows := clusters(10_000, storage.OtherPhotographs)
	settled := clusters(10_000, storage.OtherPhotographs)
	for i := range settled {
		settled[i].Rule, settled[i].Vectors = stop.Settled.Key, .7*settled[i].Vectors
	}
	sketch := storage.Row{Data: "SIFT", Way: "sketch", Base: 10_000, Budget: 4, Memory: 4.1, Test: storage.OtherPhotographs, Rule: stop.Bound.Key, K: 1, Recall: .9, Vectors: 2_000}
	of := func(all []StorageTarget, aim string) StorageTarget {
		i := slices.IndexFunc(all, func(s StorageTarget) bool { return strings.HasPrefix(s.Aim, aim) })
		return all[max(i, 0)]
	}
	all := StorageTargets(slices.Concat(rows, settled, []storage.Row{sketch}))
	got := of(all, "50 % fewer than kmeans, 4 bytes, recall@1 0.90")
	if want := (StorageTarget{Base: 10_000, Memory: 4.1, Way: "sketch", Rule: "bound", Vectors: 2_000, Fixed: 4_938.6, Best: 3_457.1, Fewer: "59.5 %", FewerBest: "42.1 %",
		Reached: "against a fixed number of units", Aim: got.Aim}); got != want { // 10,000/√4.1 and .7 of it
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := of(all, "85 % fewer than spann, 16 bytes, recall@1 0.99"); got.Reached != "not run" || len(all) != 18 {
		t.Errorf("%d aims, %+v", len(all), got)
	}
}

// A program with 4 bytes is compared with a way of as little memory, at the recall between its settings.
func TestCheckDisk(t *testing.T) {
	row := func(way, peer string, memory, wanted, recall, bytes float64) storage.DiskRow {
		return storage.DiskRow{Data: "SIFT", Way: way, Peer: peer, Base: 100, K: 1, Memory: memory, Wanted: wanted, Recall: recall, Bytes: bytes, Cold: 3, Warm: 1, CPU: 1}
	}
	rows := []storage.DiskRow{
		row("pages", "", 4, .9, .91, 50_000), row("sketch", "", 8, .9, .9, 10_000),
		row("", "DiskANN", 4, 0, .85, 40_000), row("", "DiskANN", 4, 0, .93, 80_000), row("", "DiskANN", 8, 0, .9, 40_000),
	}
	all := CheckDisk(rows)
	if !strings.Contains(all[0].Claim, "than DiskANN at equal recall") || all[0].Here != "yes" || !strings.Contains(all[0].Numbers, "8.0 bytes at 0.90: 40 kB, sketch 10 kB") {
		t.Errorf("%+v", all[0])
	}
	if all[1].Here != "yes" || !strings.HasSuffix(all[1].Numbers, "1 of 2 ms") {
		t.Errorf("%+v", all[1])
	}
	rows[0].Bytes, rows[1].CPU = 60_000, 2.5 // between 40 and 80 kB at .9 are 55.6
	all = CheckDisk(rows)
	if all[0].Here != "partly" || all[0].Condition != "8.0 bytes at 0.90" || all[1].Here != "partly" || !strings.HasPrefix(all[1].Condition, "pages with 4.0") {
		t.Errorf("%+v", all)
	}
	if all = CheckDisk(rows[:2]); all[0].Here != "not run" {
		t.Errorf("without other programs: %+v", all[0])
	}
}
