package fidelity

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// lists holds random neighbourhoods of 120 of 400 points in 6 dimensions. Three points are equal. Answers miss some
// neighbours, and every fifth answer is short by 1, 2 or 40 slots, or empty.
type lists struct {
	base          ann.Vectors
	k             int
	truth, answer []ann.Neighbors
}

func randomLists(t *testing.T, seed uint64, k int) lists {
	const n, d, queries = 400, 6, 120
	random := rand.New(rand.NewPCG(seed, 0))
	data := make([]float32, n*d)
	for i := range data {
		data[i] = float32(random.NormFloat64()) * 4
	}
	copy(data[d:3*d], append(append([]float32{}, data[:d]...), data[:d]...))
	base, err := ann.NewVectors(n, d, data)
	if err != nil {
		t.Fatal(err)
	}
	l := lists{base: base, k: k}
	shortBy := []int{1, 2, min(40, k), k}
	for q := range queries {
		all := bruteForce(base, q)
		var found ann.Neighbors
		for _, neighbor := range all {
			if random.Float64() < .9 {
				found = append(found, neighbor)
			}
		}
		length := k
		if q%5 == 0 {
			length -= shortBy[q/5%len(shortBy)]
		}
		l.truth, l.answer = append(l.truth, all[:k]), append(l.answer, found[:length])
	}
	return l
}

func bruteForce(base ann.Vectors, q int) (all ann.Neighbors) {
	for i := range base.N {
		if i != q {
			all = append(all, ann.Neighbor{ID: int32(i), Distance: ann.L2(base.Row(q), base.Row(i))})
		}
	}
	all.Sort()
	return all
}

// peerValues returns the peers' values of every measure of the lists.
func (l lists) peerValues(t *testing.T, peers testkit.Peers) map[string][]float64 {
	type query struct {
		TruthIDs        []int32   `json:"truth_ids"`
		TruthDistances  []float32 `json:"truth_distances"`
		AnswerIDs       []int32   `json:"answer_ids"`
		AnswerDistances []float32 `json:"answer_distances"`
	}
	var base [][]float32
	for i := range l.base.N {
		base = append(base, l.base.Row(i))
	}
	queries := make([]query, len(l.truth))
	for q := range queries {
		queries[q].TruthIDs, queries[q].TruthDistances = split(l.truth[q])
		queries[q].AnswerIDs, queries[q].AnswerDistances = split(l.answer[q])
	}
	text, err := json.Marshal(map[string]any{"base": base, "k": l.k, "queries": queries})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "lists.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	var words map[string][]string
	if err := json.Unmarshal(peers.Ask(t, testkit.Question{Name: "measures_" + strconv.Itoa(l.k), Folder: dir, Script: "measures.py", Args: []string{"lists.json"}, Same: true}), &words); err != nil {
		t.Fatal(err)
	}
	return numbers(t, words)
}

func split(list ann.Neighbors) (ids []int32, distances []float32) {
	ids, distances = []int32{}, []float32{}
	for _, n := range list {
		ids, distances = append(ids, n.ID), append(distances, n.Distance)
	}
	return ids, distances
}

func numbers(t *testing.T, words map[string][]string) map[string][]float64 {
	out := map[string][]float64{}
	for name, list := range words {
		for _, word := range list {
			x, err := strconv.ParseFloat(word, 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out[name] = append(out[name], x)
		}
	}
	return out
}

// orNaN returns x, or NaN if it is undefined.
func orNaN(x float64, ok bool) float64 {
	if !ok {
		return math.NaN()
	}
	return x
}

// agree compares values with the peer's, within a relative difference. Values that are not finite must be equal.
func agree(t *testing.T, name string, got, want []float64, within float64) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%s: %d values, the peer has %d", name, len(got), len(want))
	}
	worst := 0.0
	for i, x := range got {
		same := x == want[i] || math.IsNaN(x) && math.IsNaN(want[i])
		if !same {
			difference := math.Abs(x-want[i]) / math.Abs(want[i])
			worst = max(worst, difference)
			if !(difference <= within) {
				t.Errorf("%s: query %d: %v, the peer says %v", name, i, x, want[i])
			}
		}
	}
	t.Logf("%s: largest relative difference %.1e over %d", name, worst, len(got))
}

func TestMeasuresAgreeWithNumPyAndScikitDimension(t *testing.T) {
	for _, k := range []int{5, 60, 300} {
		t.Run("k="+strconv.Itoa(k), func(t *testing.T) {
			testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
				l := randomLists(t, uint64(k), k)
				peer := l.peerValues(t, peers)
				l.compareCorrected(t, peer)
				l.comparePublished(t, peer)
				l.compareScikitDimension(t, peer)
			})
		})
	}
}

func (l lists) compareCorrected(t *testing.T, peer map[string][]float64) {
	got := map[string][]float64{}
	put := func(name string) func(float64, bool) {
		return func(x float64, ok bool) { got[name] = append(got[name], orNaN(x, ok)) }
	}
	ids := make([][]int32, len(l.answer))
	for q, answer := range l.answer {
		ids[q], _ = split(answer)
		put("mean_distance")(meanDistance(answer))
		put("distance_ratio")(distanceRatio(l.truth[q], answer))
		put("radius_ratio")(radiusRatio(l.truth[q], answer))
		put("barycenter_shift")(barycenterShift(l.base, l.truth[q], answer))
		put("lid_mle")(lidMaximumLikelihood(answer))
		put("lid_mom")(lidMoments(answer))
	}
	put("hubness")(Hubness(KOccurrence(ids, l.base.N, l.k)))
	for name := range got {
		agree(t, name, got[name], peer[name], 1e-10)
	}
}

func (l lists) comparePublished(t *testing.T, peer map[string][]float64) {
	var exact, answer []float32
	var wideExact, wideAnswer, shift, lid []float64
	for q := range l.answer {
		e, a := publishedSlots(l.truth[q], l.k), publishedSlots(l.answer[q], l.k)
		exact, answer = append(exact, publishedMeanDistance(e)), append(answer, publishedMeanDistance(a))
		wideExact, wideAnswer = append(wideExact, float64(exact[q])), append(wideAnswer, float64(answer[q]))
		shift = append(shift, float64(publishedBarycenterShift(l.base, e, a)))
		lid = append(lid, float64(publishedLID(a)))
	}
	agree(t, "published_distance_exact", wideExact, peer["published_distance_exact"], 0)
	agree(t, "published_distance_answer", wideAnswer, peer["published_distance_answer"], 0)
	meanExact, meanAnswer, kept := publishedMeanDistances(exact, answer)
	agree(t, "published_means", []float64{float64(meanExact), float64(meanAnswer), float64(kept)}, peer["published_means"], 0)
	agree(t, "published_shift", shift, peer["published_shift"], 1e-5)
	agree(t, "published_lid", lid, peer["published_lid"], 1e-5)
	if kept == len(l.answer) || kept == 0 {
		t.Errorf("%d of %d queries kept: the test needs kept and dropped queries", kept, len(l.answer))
	}
}

// compareScikitDimension compares the LID estimates with those of scikit-dimension. Its MLE is (k−1) / Σ_{i≤k} ln(r_k/r_i)
// unless its option unbiased is set, and its MOM is m / (r_k − m).
func (l lists) compareScikitDimension(t *testing.T, peer map[string][]float64) {
	var mle, mom []float64
	for _, q := range peer["skdim_queries"] {
		mle = append(mle, orNaN(lidMaximumLikelihood(l.truth[int(q)])))
		mom = append(mom, orNaN(lidMoments(l.truth[int(q)])))
	}
	agree(t, "skdim_mle", mle, peer["skdim_mle"], 1e-6)
	agree(t, "skdim_mom", mom, peer["skdim_mom"], 1e-6)
}
