package study

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// advised returns rows of two seeds: k-means whose pages fall as 1/√memory, and a sketch that reads a tenth.
func advised() (rows []Row) {
	for seed := range uint64(2) {
		for i, memory := range []float64{2, 8, 32} {
			vectors := []float64{8000, 4000, 2000}[i] + 200*(float64(seed)-.5)
			for _, way := range []string{KMeans, "sketch"} {
				for j, rule := range []string{"fixed", map[string]string{KMeans: "settled", "sketch": "bound"}[way]} {
					r := Row{
						Data: "SIFT", Way: way, Seed: seed, Base: 1_000_000, Budget: memory, Test: OtherPhotographs, Memory: memory + .05, Units: 100,
						Copies: 1, Rule: rule, Vectors: vectors * []float64{1, .8}[j], Read: 10, Reads: 5,
					}
					if way == "sketch" {
						r.Vectors /= 10
					}
					r.Bytes = r.Vectors / 32 * 4096
					for _, r.K = range []int{1, 10} {
						for _, r.Recall = range []float64{.9, .95} {
							rows = append(rows, r)
						}
					}
				}
			}
		}
	}
	network := rows[0]
	network.Way, network.Learn, network.Budget, network.Memory, network.Vectors, network.Bytes = PaperNetwork, 100, 0, 3, 10, 4096
	network.Source, network.K, network.Recall = "photographs", 10, .95
	other := rows[0]
	other.Base, other.Vectors, other.Bytes = 1000, 1, 1
	return append(rows, network, other)
}

// advice returns the advice for rows that have one.
func advice(t *testing.T, disk []DiskRow, o AdviceOptions) *Advice {
	t.Helper()
	a, err := Advise(advised(), disk, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Of the ways that can be built, the one with the fewest pages within the memory is advised, with its best rule and the means over
// the seeds.
func TestAdvise(t *testing.T) {
	a := advice(t, nil, AdviceOptions{Recall: .92, K: 10})
	want := Choice{
		Way: "sketch", Name: nameOf("sketch"), Budget: 32, Memory: 32.05, Rule: "bound", Vectors: 160, Pages: 5, Steps: 5, Seeds: 2,
	}
	if a.Best != want || a.Recall != .95 || a.Base != 1_000_000 || a.Data != "SIFT" || a.More != nil || a.Disk != nil {
		t.Errorf("%+v, want %+v", a, want)
	}
	if a.Less == nil || a.Less.Way != "sketch" || a.Less.Budget != 8 || a.Less.Pages != 10 {
		t.Errorf("with less memory %+v", a.Less)
	}
	var table []string
	for _, b := range a.Budgets {
		for _, c := range b.Choices {
			table = append(table, fmt.Sprintf("%v %s %.4g %s", b.Bytes, c.Way, c.Pages, c.Rule))
		}
	}
	wantTable := []string{
		"2 sketch 20 bound", "2 kmeans 200 settled", "4 network 1 fixed", "4 sketch 20 bound", "4 kmeans 200 settled",
		"8 network 1 fixed", "8 sketch 10 bound", "8 kmeans 100 settled", "32 network 1 fixed", "32 sketch 5 bound", "32 kmeans 50 settled",
	}
	if !slices.Equal(table, wantTable) {
		t.Errorf("table\n%s\nwant\n%s", strings.Join(table, "\n"), strings.Join(wantTable, "\n"))
	}
	a = advice(t, nil, AdviceOptions{Recall: .9, K: 1, Memory: 10})
	if a.Best.Budget != 8 || a.More == nil || a.More.Budget != 32 || a.Less == nil || a.Less.Budget != 2 || a.Recall != .9 {
		t.Errorf("within 10 bytes: %+v", a)
	}
}

// A way that reads hardly more pages with less memory is preferred.
func TestAdvisePrefersLessMemory(t *testing.T) {
	rows := advised()
	for i := range rows {
		if rows[i].Budget == 8 && rows[i].Way == "sketch" {
			rows[i].Bytes /= 1.9
		}
	}
	a, err := Advise(rows, nil, AdviceOptions{Recall: .9, K: 1})
	if err != nil || a.Best.Budget != 8 {
		t.Errorf("%+v, %v", a, err)
	}
}

// The text holds the numbers of the advice and of the disk.
func TestAdviceText(t *testing.T) {
	disk := []DiskRow{
		{Data: "SIFT", Peer: "P", Way: "sketch", Base: 1_000_000, Memory: 32, K: 10, Wanted: .95, Cold: 1},
		{Data: "SIFT", Way: "sketch", Base: 1_000_000, Memory: 8, K: 10, Wanted: .95, Cold: 2},
		{Data: "SIFT", Way: "sketch", Base: 1_000_000, Memory: 33, K: 10, Wanted: .95, Cold: 1.25, Warm: .5, Reads: 4.9, Bytes: 20_000, Recall: .9512},
	}
	text := advice(t, disk, AdviceOptions{Recall: .95, K: 10}).String()
	for _, want := range []string{
		"SIFT: 1,000,000 base vectors; wanted: recall@10 of 0.95 on queries from other photographs\n",
		"Use the way sketch (" + nameOf("sketch") + ").\n", "32.0 bytes a vector in memory, 32.0 MB in all",
		"160.0 vectors in 5.0 pages of 4 KiB (20.5 kB), in 5.0 steps", "(bound). The numbers are means over 2 seeds.",
		"storage build --way sketch --memory 32 ", "1.25 ms a query (median), 0.50 ms if", "4.9 reads, 20.0 kB; recall 0.9512",
		"With less memory: sketch with 8.1 bytes a vector (8.1 MB) reads 320.0 vectors in 10.0 pages, 2.0 times as many.", "More memory than that saves less than 9 %",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	if text := advice(t, nil, AdviceOptions{Recall: .95, K: 10, Memory: 10}).String(); !strings.Contains(text, "sketch with 32.0 bytes a vector (32.0 MB) reads 160.0 vectors in 5.0 pages, 50 % fewer") {
		t.Error(text)
	}
}

func TestAdviseErrors(t *testing.T) {
	for what, c := range map[string]struct {
		o    AdviceOptions
		says []string
	}{
		"k":      {AdviceOptions{Recall: .9, K: 5}, []string{"k = 5", "[1 10]"}},
		"recall": {AdviceOptions{Recall: .96, K: 1}, []string{"0.96", "0.95"}},
		"memory": {AdviceOptions{Recall: .9, K: 1, Memory: 1.5}, []string{"1.5 bytes", "2.05"}},
	} {
		_, err := Advise(advised(), nil, c.o)
		testkit.WantMentions(t, what, err, c.says...)
	}
	_, err := Advise(nil, nil, AdviceOptions{Recall: .9, K: 1})
	testkit.WantMentions(t, "no rows", err, "no rows")
	only := slices.DeleteFunc(advised(), func(r Row) bool { return r.Way != PaperNetwork })
	_, err = Advise(only, nil, AdviceOptions{Recall: .9, K: 10})
	testkit.WantMentions(t, "only a network", err, "no way that can be built")
}
