package capacity

import (
	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/study"
)

const policiesFile = "policies.csv"

// PolicyRow holds the overlap and fill of the answers under one policy at one k.
type PolicyRow struct {
	Policy   string  `csv:"policy"`
	EfSearch int     `csv:"ef_search"`
	K        int     `csv:"k"`
	Overlap  float64 `csv:"overlap"`
	Fill     float64 `csv:"fill"`
}

// policies returns the overlap and fill of the answers under every policy at ComparedEfSearch and every k. See
// hnsw.Terms.Counts.
func policies(w *walks) (rows []PolicyRow) {
	for _, policy := range hnsw.Policies {
		for _, k := range study.Ks() {
			terms := policy.Terms(k, ComparedEfSearch, ann.PointID(0))
			shared, found := 0, 0
			for q, efforts := range w.efforts {
				a, b := terms.Counts(fidelity.Reached(efforts[:k], terms.EfSearch), w.capacities[terms.EfSearch][q])
				shared, found = shared+a, found+b
			}
			slots := float64(len(w.efforts) * k)
			rows = append(rows, PolicyRow{policy.String(), ComparedEfSearch, k, float64(shared) / slots, float64(found) / slots})
		}
	}
	return rows
}

// policyEfSearch returns the values of efSearch of the searches under the policies.
func policyEfSearch() (efs []int) {
	for _, policy := range hnsw.Policies {
		for _, k := range study.Ks() {
			efs = append(efs, policy.Terms(k, ComparedEfSearch, ann.PointID(0)).EfSearch)
		}
	}
	return efs
}
