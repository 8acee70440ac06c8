package figure

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/table"
	"anncapacity/lib/storage/stop"
	storage "anncapacity/lib/storage/study"
)

// cells returns the rows of a figure's table as maps by column.
func cells(f *Figure) (rows []map[string]string) {
	for _, line := range f.table[1:] {
		r := map[string]string{}
		for i, name := range f.table[0] {
			r[name] = line[i]
		}
		rows = append(rows, r)
	}
	return rows
}

// With one learn query for each base vector, after two rounds, the network of the fixture fetches .92 of the vectors that k-means fetches
// with as many clusters and 2 bytes, but for .02 bytes. Its 4 bytes are between 2.04 and 4.08.
func TestStorageLearnComparesWithKMeans(t *testing.T) {
	clusters, memory := .92*math.Pow(2.04/2, .58), .92*math.Pow(4./2, .58)
	found := 0
	for _, r := range cells(drawn(t, wholeStudy(1), "StorageLearn")) {
		if r["way"] != "network" || r["base"] != "1000000" || r["learn"] != "1000000" || r["test"] != storage.OtherPhotographs {
			continue
		}
		found++
		want := map[string]float64{"clusters": clusters, "memory": memory}[r["compared_at"]]
		if r["rounds"] != "2" || r["seeds"] != "3" || math.Abs(number(t, r["ratio_mean"])-want) > 1e-9 || math.Abs(number(t, r["ratio_high"])-want) > 1e-9 {
			t.Errorf("%v, want a ratio of %v", r, want)
		}
	}
	if found != 2 {
		t.Errorf("%d ratios, want 2", found)
	}
}

// The line of a peer has the kilobytes of all of its settings, and vectors only where they are known.
func TestStorageMemoryHasThePeers(t *testing.T) {
	known := map[string]bool{}
	for _, r := range cells(drawn(t, wholeStudy(1), "StorageMemory")) {
		if r["peer"] != "" {
			known[r["peer"]+" "+r["quantity"]] = true
		} else if r["data"] == "SIFT" && (r["base"] != "1000000" || number(t, r["low"]) > .98*number(t, r["mean"])) {
			t.Errorf("%v", r)
		}
	}
	if len(known) != 7 || !known["DiskANN kilobytes_read"] || known["DiskANN vectors_fetched"] {
		t.Errorf("%v", known)
	}
}

// The numbers of the captions are those of the fixture.
func TestStorageCaptions(t *testing.T) {
	results := wholeStudy(1)
	kmeans := 4200 * math.Pow(4, .75) * math.Pow(8.16, -.58) // 8.16 bytes of memory, mean of the seeds, fixed
	for name, want := range map[string]string{
		"StorageMemory": fmt.Sprintf("With 8.2 bytes for each vector, at recall@1 = 0.90, pages by sketch (%s) fetches %s vectors, 85.2 %% fewer than k-means clusters at equal memory with a fixed number of units (%s, interpolated), and 78.8 %% fewer than these with their best rule.",
			stop.Bound.Name, rounded(kmeans*.6/math.Sqrt(8)*.7), rounded(kmeans)),
		"StorageRecall":      fmt.Sprintf("At recall@1 = 0.90 the vectors that a query fetches are %s (k-means clusters), ", rounded(kmeans)),
		"StorageLearn":       "Network as published, at equal clusters and recall@1 = 0.90 on queries from other photographs: the least ratio is 0.47 (0.47–0.47), with 100 learn queries (base vectors with noise) for each of 100,000 base vectors.",
		"StorageDuplication": "With 100 learn queries for each of 100,000 base vectors, 2 rounds of duplication store 1.20 vectors for each, and at recall@1 = 0.90 fetch 0.92 times as many vectors (0.92–0.92) in 0.92 times as many reads.",
		"StorageStop":        "At recall@1 = 0.90 the vectors fetched with the best rule, relative to a fixed number of units, are 70.0 % (k-means clusters: bound), ",
		"StorageDisk":        "At recall@1 = 0.90 the way that reads the fewest kilobytes is pages by sketch, 16.4 B (24.9); of other programs it is LanceDB, 28.0 B (",
	} {
		i := slices.IndexFunc(Catalogue, func(e Entry) bool { return e.Name == name })
		caption, err := Catalogue[i].Caption(results)
		if err != nil || !strings.Contains(caption, want) {
			t.Errorf("%s: %q is not said in %q (%v)", name, want, caption, err)
		}
		if name != "StorageDisk" && !strings.HasSuffix(caption, "Bands and bars reach from the smallest to the largest of 3 seeds.") {
			t.Errorf("%s: the bands are not explained in %q", name, caption)
		}
	}
}

// A study with some of the ways is drawn; what it cannot show is named.
func TestStorageOfAPart(t *testing.T) {
	r := &Results{Storage: filter(stored(), func(r storage.Row) bool {
		return r.Seed == 1 && r.Rule == stop.Fixed.Key && r.Base == 100_000 && (r.Way == "kmeans" && r.Test == storage.OtherPhotographs || r.Way == "sketch")
	})}
	dir, missing := export(t, r)
	wantDrawn(t, dir, missing, "StorageMemory", "StorageRecall")
	for _, want := range []string{"StorageLearn: anncapacity storage study trained no network", "StorageDuplication: ", "StorageStop: no records of a rule", "StorageDisk: no file on a disk was measured"} {
		if !slices.ContainsFunc(missing, func(m string) bool { return strings.HasPrefix(m, want) }) {
			t.Errorf("%q is not said in %q", want, missing)
		}
	}
}

func TestFewerOrMore(t *testing.T) {
	if got := fewer(.852) + ", " + fewer(-.086); got != "85.2 % fewer, 8.6 % more" {
		t.Error(got)
	}
}

// A folder with only a study of storage gives its figures.
func TestResultsOfStorageAlone(t *testing.T) {
	dir := t.TempDir()
	rows, disk := stored()[:100], onDisk()[:4]
	if err := table.WriteRows(filepath.Join(dir, storage.RowsFile), rows); err != nil {
		t.Fatal(err)
	}
	if err := table.WriteRows(filepath.Join(dir, storage.DiskFile), disk); err != nil {
		t.Fatal(err)
	}
	r, _, err := ReadResults(dir)
	if err != nil || !slices.Equal(r.Storage, rows) || !slices.Equal(r.Disk, disk) {
		t.Fatalf("%+v (%v)", r, err)
	}
	for _, name := range []string{storage.RowsFile, storage.DiskFile} {
		if !slices.Contains(Inputs(dir), filepath.Join(dir, name)) {
			t.Errorf("%s is no input", name)
		}
	}
}

// The range of a single seed would look like a measured one.
func TestRangeOfSeeds(t *testing.T) {
	one, two := ofSeeds(storage.NewSpread([]float64{.84})), ofSeeds(storage.NewSpread([]float64{.84, .91}))
	if one != "" || two != " (0.84–0.91)" {
		t.Errorf("%q, %q", one, two)
	}
}
