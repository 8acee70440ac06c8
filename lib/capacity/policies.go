package capacity

import (
	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/study"
)

const policiesFile = "policies.csv"

// PolicyRow is what one policy makes of k > efSearch on one index.
type PolicyRow struct {
	Policy   string  `csv:"policy"`
	EfSearch int     `csv:"ef_search"`
	K        int     `csv:"k"`
	Overlap  float64 `csv:"overlap"`
	Fill     float64 `csv:"fill"`
}

// policies compares what the engines return at ComparedEfSearch. A visited exact neighbour's rank among the visited is
// the number of visited exact neighbours up to it, so a policy that returns fewer of the visited cuts off the others.
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

// policyEfSearch are the efSearch that the policies search with.
func policyEfSearch() (efs []int) {
	for _, policy := range hnsw.Policies {
		for _, k := range study.Ks() {
			efs = append(efs, policy.Terms(k, ComparedEfSearch, ann.PointID(0)).EfSearch)
		}
	}
	return efs
}
