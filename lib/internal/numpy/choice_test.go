package numpy

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"

	"anncapacity/lib/internal/testkit"
)

// The ten draws of the study and ten more equal those that NumPy made.
func TestChoiceEqualsGoldenSubsets(t *testing.T) {
	if !testkit.HasShared(t, "the subsets of the study; TestChoiceEqualsNumPy checks other draws of the same generator", "golden/subsets") {
		return
	}
	for name, population := range map[string]int{"stl10_unlabeled": 100000, "imagenette96": 13394} {
		want := readGolden(t, testkit.Shared(t, "golden/subsets/"+name+".npy"))
		if len(want) != 10*10000 {
			t.Fatalf("%s: %d golden rows, want 100000", name, len(want))
		}
		for run := range 10 {
			got, err := Choice(population, 10000, uint64(42+run))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want[run*10000:(run+1)*10000]) {
				t.Errorf("%s, run %d differs from NumPy's draw", name, run)
			}
		}
	}
}

func readGolden(t *testing.T, path string) []int32 {
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var values []uint32
	if err := npyio.Read(file, &values); err != nil {
		t.Fatal(err)
	}
	rows := make([]int32, len(values))
	for i, v := range values {
		rows[i] = int32(v)
	}
	return rows
}

// TestChoiceEqualsNumPy covers both algorithms, the bounds between them, seeds of one and two words, and a population that
// rejects many 32-bit draws.
func TestChoiceEqualsNumPy(t *testing.T) { testkit.EachPeers(t, testChoiceEqualsNumPy) }

func testChoiceEqualsNumPy(t *testing.T, peers testkit.Peers) {
	cases := []string{
		"1,1,0", "5,5,1", "10,3,42", "2000,2000,7", "10000,1000,7", "10001,200,8", "10001,201,9", "10001,1001,10",
		"100000,2000,11", "100000,2001,12", "1000000,50,13", "1610612736,1000,14",
		"2147483647,20,15", "100000,2001,4294967295", "100000,2001,4294967296", "100000,2001,18446744073709551615",
	}
	printed := peers.Ask(t, testkit.Question{Name: "sample", Folder: t.TempDir(), Script: "sample.py", Args: cases, Same: true})
	lines := strings.Split(strings.TrimSpace(string(printed)), "\n")
	if len(lines) != len(cases) {
		t.Fatalf("sample.py printed %d lines, want %d", len(lines), len(cases))
	}
	for i, c := range cases {
		var population, n int
		var seed uint64
		if _, err := fmt.Sscanf(c, "%d,%d,%d", &population, &n, &seed); err != nil {
			t.Fatal(err)
		}
		rows, err := Choice(population, n, seed)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Trim(fmt.Sprint(rows), "[]"); got != lines[i] {
			t.Errorf("population,n,seed %s: %.80s…, NumPy draws %.80s…", c, got, lines[i])
		}
	}
}

func TestChoiceRefuses(t *testing.T) {
	for _, c := range []struct {
		population, n int
		want          string
	}{
		{10, 0, "at least 1"}, {10, -1, "at least 1"}, {10, 11, "11 rows requested of 10"}, {1 << 31, 5, "at most"},
	} {
		rows, err := Choice(c.population, c.n, 1)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Choice(%d, %d) = %v, %v, want an error with %q", c.population, c.n, rows, err, c.want)
		}
	}
}
