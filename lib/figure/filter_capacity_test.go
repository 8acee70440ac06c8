package figure

import (
	"math"
	"strings"
	"testing"

	"anncapacity/lib/audit/filters"
)

// filtered returns synthetic rows of filters that are independent of the vectors. A walk visits 7 efSearch nodes.
func filtered() (rows []filters.Row) {
	for label, matching := range []int{20, 100, 1000, 5000} {
		for _, ef := range []int{40, 200} {
			for _, way := range filters.Ways {
				r := filters.Row{
					Way: way.Key, Label: int64(label), Matching: matching, Selectivity: float64(matching) / 10_000, K: 10, EfSearch: ef, Queries: 50,
					Visited: 7 * float64(ef),
				}
				switch r.Fill = 1; way.Key {
				case "walk", "faiss":
					r.Fill = min(1, reach(r)) * .99
				case "pgvector off":
					r.Fill = min(1, reach(r)/7)
				}
				r.Recall = .9 * r.Fill
				rows = append(rows, r)
			}
		}
	}
	return rows
}

func TestFilterCapacity(t *testing.T) {
	rows := filtered()
	at := cells(drawn(t, &Results{Filters: rows}, "FilterCapacity"))
	if len(at) != len(rows) {
		t.Errorf("%d lines of the table, want %d", len(at), len(rows))
	}
	said := strings.Join(FilterCapacityFindings(rows), " ")
	for _, want := range []string{
		"differs from the dashed line by at most 0.01.", "in 0 of 8 settings.",
		"With efSearch = 40 and a filter that 0.2 % of the vectors match, the fill is 5.5 % (walk, visited nodes filtered), 5.5 % (FAISS, IDSelector), 100.0 % (hnswlib, filter function), 0.8 % (pgvector), 100.0 % (pgvector, strict_order)",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q lacks %q", said, want)
		}
	}
	rows[1].Recall += .1
	if said := strings.Join(FilterCapacityFindings(rows), " "); !strings.Contains(said, "in 1 of 8 settings.") {
		t.Error(said)
	}
	if line := evenly(-1, 1); math.Abs(line[0].Y-.1) > 1e-12 || line[100].Y != 1 {
		t.Errorf("%v", line)
	}
}
