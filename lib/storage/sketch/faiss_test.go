package sketch

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// clustered returns n vectors of d numbers around centres.
func clustered(n, d int, seed uint64) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 0))
	centres := make([]float32, 40*d)
	for i := range centres {
		centres[i] = float32(60 * rng.NormFloat64())
	}
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range n {
		c := rng.IntN(40)
		for j := range d {
			v.Data[i*d+j] = centres[c*d+j] + float32(20*rng.NormFloat64())
		}
	}
	return v
}

// TestQuantizerAgainstFAISS compares codes and distances with those of FAISS for the same codewords, and the error of the
// codewords with that of FAISS's own.
func TestQuantizerAgainstFAISS(t *testing.T) {
	if !testkit.HasPeers(t, "codes against FAISS") {
		return
	}
	const subspaces = 4
	rows := clustered(3000, 32, 1)
	q, err := train(context.Background(), rows, 8*subspaces, 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	var words []float32
	codes := make([]uint8, rows.N*subspaces)
	e, total := q.NewEncoder(), 0.
	decoded := make([]float32, rows.D)
	for m := range subspaces {
		part, _ := q.Codewords(m)
		words = append(words, part...)
	}
	for i := range rows.N {
		e.Encode(rows.Row(i), codes[i*subspaces:(i+1)*subspaces])
		clear(decoded)
		q.Decode(codes[i*subspaces:(i+1)*subspaces], decoded)
		total += float64(ann.SquaredL2(rows.Row(i), decoded))
	}
	dir := t.TempDir()
	for name, data := range map[string][]float32{"rows": rows.Data, "words": words} {
		raw := make([]byte, 0, 4*len(data))
		for _, x := range data {
			bits := math.Float32bits(x)
			raw = append(raw, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24))
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var answer struct{ Error, OwnError float64 }
	if err := json.Unmarshal(testkit.Python(t, "faiss_pq.py", dir, "32", "4"), &answer); err != nil {
		t.Fatal(err)
	}
	if mean := total / float64(rows.N); math.Abs(mean/answer.Error-1) > 1e-4 || mean > 1.05*answer.OwnError {
		t.Errorf("error %.2f; FAISS %.2f with the same codewords, %.2f with its own", mean, answer.Error, answer.OwnError)
	}
	theirs, err := os.ReadFile(filepath.Join(dir, "codes"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(theirs, codes) {
		t.Error("FAISS finds other codes with the same codewords")
	}
}
