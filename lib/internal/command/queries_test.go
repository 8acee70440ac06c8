package command

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/embedding"
	"anncapacity/lib/engine/engines"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/study"
)

// queryFiles returns a folder with the files of environment/peers/queries.py, and makes it the current folder. It returns false if
// the peers are not installed.
func queryFiles(t *testing.T) bool {
	t.Helper()
	if !testkit.HasPeers(t, "queries and truths in files that h5py, NumPy and pyarrow write") {
		return false
	}
	t.Setenv("GOMLX_BACKEND", "xla:"+filepath.Join(testkit.Root(t), ".local", "pjrt_cpu_plugin.so")) // because the folder changes
	dir := t.TempDir()
	testkit.Python(t, "queries.py", dir)
	t.Chdir(dir)
	return true
}

// exact finds the neighbours that NumPy finds in double precision, under every metric, whatever the format of the queries.
func TestExactQueries(t *testing.T) {
	if !queryFiles(t) {
		return
	}
	base, err := embedding.Open("base.fvecs")
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range []string{"l2", "cosine", "ip"} {
		m, err := ann.ParseMetric(metric)
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{metric + ".hdf5", "base.fvecs --queries queries.npy", "base.fvecs --queries queries.fbin", "base.fvecs --queries queries.parquet:a",
			"l2.hdf5:/train --queries " + metric + ".hdf5:test --truth " + metric + ".hdf5"} {
			args := fmt.Sprintf("exact --embeddings %s --metric %s --k 30 --out %s.ivecs", from, metric, metric)
			if err := dispatch(t.Context(), commands(nil, Drivers{}), strings.Fields(args)); err != nil {
				t.Fatalf("%s: %v", args, err)
			}
			checkNeighbours(t, args, base, m, metric)
		}
	}
}

// checkNeighbours compares METRIC.ivecs and METRIC.fvecs with METRIC.npy.
func checkNeighbours(t *testing.T, what string, base ann.Vectors, metric ann.Metric, name string) {
	t.Helper()
	got, err1 := embedding.OpenTruth(name + ".ivecs")
	want, err2 := embedding.OpenTruth(name + ".npy")
	distances, err3 := embedding.Open(name + ".fvecs")
	queries, err4 := embedding.Open("queries.npy")
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || got.N != 40 || got.K != 30 || distances.N != 40 || distances.D != 30 {
		t.Fatal(what, got.N, got.K, err1, err2, err3, err4)
	}
	for i := range got.N {
		for j, id := range got.Row(i) {
			d, of := metric.Distance(queries.Row(i), base.Row(int(want.Row(i)[j]))), distances.Row(i)[j]
			if id != want.Row(i)[j] && metric.Distance(queries.Row(i), base.Row(int(id))) != d || math.Abs(float64(d-of)) > 1e-5*math.Abs(float64(d)) {
				t.Errorf("%s: query %d, neighbour %d: point %d at %g, want point %d at %g", what, i, j, id, of, want.Row(i)[j], d)
			}
		}
	}
}

// The overlap of exact search is 1 with each truth, and the records say that the queries are no points.
func TestEnginesQueries(t *testing.T) {
	if !queryFiles(t) {
		return
	}
	const flags = " --only ^anncapacity.(exact|HNSW.Raise) --k 10,30 --sweep 20 --sweep-k 5 --sample 25"
	for i, from := range []string{"l2.hdf5", "l2.hdf5 --queries self", "few.hdf5", "base.fvecs --queries queries.fvecs --truth truth.ibin", "cosine.hdf5 --metric cosine",
		"base.fvecs --truth self.ivecs --k 10", "notruth.hdf5 --points 300 --metric ip"} {
		out := fmt.Sprint("out", i)
		records := engineRecords(t, "engines --out "+out+flags+" --embeddings "+from, out)
		own := strings.HasPrefix(from, "base.fvecs --truth") || strings.HasSuffix(from, "self")
		for _, r := range records {
			if r.Error == "" && (own != (r.SelfMissing == 0) || own == math.IsNaN(r.SelfMissing)) || r.Queries != 25 {
				t.Errorf("%s: %+v", from, r)
			}
			if r.EfSearch == 0 && (r.Overlap != 1 || r.Fill != 1) {
				t.Errorf("%s: exact search: %+v", from, r)
			}
		}
	}
}

// study reads every format, with a column or a data set, and gives the same records for the same vectors.
func TestStudyFormats(t *testing.T) {
	if !queryFiles(t) {
		return
	}
	const flags = " --runs 1 --subset 520 --condition 1 --embeddings "
	var records []byte
	for _, from := range []string{"base.fvecs", "base:x", "base/?.parquet:x", "cosine.hdf5:/train", "base.fbin --metric cosine"} {
		out := t.TempDir()
		if err := dispatch(t.Context(), commands(nil, Drivers{}), strings.Fields("study --out "+out+flags+from)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(out, study.RecordsFile))
		switch {
		case err != nil:
			t.Fatal(err)
		case records == nil:
			records = got
		case bytes.Equal(got, records) == strings.Contains(from, "--metric"):
			t.Errorf("%s: the records are those of base.fvecs: %v", from, bytes.Equal(got, records))
		}
	}
	for from, says := range map[string]string{
		"base": "has 2 columns of lists of numbers", "base.fvecs --metric ip": "metric inner product: a study measures", "l2.hdf5:none": `no data set "none"`,
		"zero.fvecs --metric cosine": "zero.fvecs: vectors: row 11 is the zero vector",
	} {
		err := dispatch(t.Context(), commands(nil, Drivers{}), strings.Fields("study --out out"+flags+from))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want %q", from, err, says)
		}
	}
}

// engineRecords runs engines and returns its records.
func engineRecords(t *testing.T, args, out string) []compare.Record {
	t.Helper()
	null, err := os.Create(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = null
	if err := dispatch(t.Context(), commands(engines.All(), Drivers{}), strings.Fields(args)); err != nil {
		t.Fatalf("%s: %v", args, err)
	}
	result, err := compare.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	return result.Records
}

const withTruth = "base.fvecs --queries queries.fvecs --truth "

// exactErrors holds values of -embeddings with further flags, and texts that the error of exact contains.
var exactErrors = map[string][]string{
	"base.fvecs --queries 200":                                    {"-queries 200: must be a file of vectors; -sample sets the number of queries"},
	"base.fvecs --queries 0":                                      {"-queries 0: must be a file"},
	"base.fvecs --queries none.npy":                               {"none.npy: no such file"},
	"base.fvecs --queries narrow.fvecs":                           {"narrow.fvecs: the queries have 5 dimensions, the vectors of base.fvecs have 12"},
	"base.fvecs --queries nan.fvecs":                              {"nan.fvecs: ", "row 11, column 3 is NaN"},
	"base.fvecs --queries zero.fvecs --metric cosine":             {"zero.fvecs: ", "row 11 is the zero vector"},
	"zero.fvecs --k 3 --metric cosine":                            {"zero.fvecs: ", "row 11 is the zero vector"},
	"base.fvecs --queries queries.fvecs --k 601":                  {"base.fvecs: -k 601: must be at most 600, the number of vectors"},
	"base.fvecs --k 600":                                          {"base.fvecs: -k 600: must be at most 599, one less"},
	"l2.hdf5:test --queries l2.hdf5:train --k 41":                 {"-k 41: must be at most 40"},
	withTruth + "farther.ivecs":                                   {"farther.ivecs: row ", "neighbour 29 is point "},
	withTruth + "one.ivecs":                                       {"one.ivecs: row 17: under the metric euclidean, neighbour 3 is point "},
	withTruth + "short.ivecs":                                     {"short.ivecs: holds 5 neighbours of each query, fewer than k = 30"},
	withTruth + "rows.ivecs":                                      {"rows.ivecs: holds the neighbours of 39 queries, queries.fvecs has 40"},
	withTruth + "outside.ivecs":                                   {"outside.ivecs: row 39, neighbour 2 is 600: the IDs of a base of 600 vectors are 0 to 599"},
	withTruth + "repeated.ivecs":                                  {"repeated.ivecs: row 39: neighbours 1 and 2 are both "},
	withTruth + "queries.npy":                                     {"queries.npy: holds numbers of type float32"},
	withTruth + "cosine.hdf5":                                     {"cosine.hdf5: row ", "its rows are right under the metric cosine"},
	withTruth + "none.ivecs":                                      {"none.ivecs: no such file"},
	"base.fvecs --truth itself.ivecs":                             {"itself.ivecs: row 0, neighbour 0 is the point itself"},
	"wrong.hdf5":                                                  {"wrong.hdf5:neighbors: row "},
	"float.hdf5":                                                  {"float.hdf5:neighbors: an n × k data set of integers"},
	"cosine.hdf5":                                                 {"cosine.hdf5:neighbors: row ", "right under the metric cosine"},
	"cut.hdf5":                                                    {"cut.hdf5: "},
	"base.fvecs --queries queries.parquet":                        {"queries.parquet: has 2 columns of lists of numbers: name one"},
	"base.fvecs --queries .":                                      {"queries.parquet: has 2 columns of lists of numbers"},
	"base.fvecs --queries *.none.parquet":                         {"*.none.parquet: no file has a name that matches"},
	"l2.hdf5 --metric hamming":                                    {`metric "hamming"`},
	"base.fvecs --queries queries.fvecs:train":                    {"queries.fvecs holds one matrix"},
	"base.fvecs --queries queries.fvecs --out queries.ivecs":      {"queries.fvecs would be replaced, but it is the input -queries queries.fvecs"},
	withTruth + "truth.ivecs --out truth.ivecs":                   {"truth.ivecs would be replaced, but it is the input -truth truth.ivecs"},
	"l2.hdf5:test --queries self --truth " + "truth.ivecs --k 30": {"truth.ivecs: ", "the IDs of a base of 40 vectors"},
}

// enginesErrors holds the same of engines.
var enginesErrors = map[string]string{
	"l2.hdf5 --points 300 --queries l2.hdf5:test --truth l2.hdf5": "-truth l2.hdf5: its IDs are rows of all vectors of l2.hdf5",
	"l2.hdf5 --sweep-k 700":                   "l2.hdf5: -sweep-k 700: must be at most 600",
	"base.fvecs --sweep-k 600":                "base.fvecs: -sweep-k 600: must be at most 599",
	"base.fvecs --bulk --queries queries.npy": "-queries: not to be used with -bulk",
	"base.fvecs --sample 0":                   "-sample 0: must be at least 1",
	"base.fvecs --queries 200":                "-sample sets the number of queries",
}

// Bad queries and truths are errors that name the file, the row and the reason.
func TestQueryErrors(t *testing.T) {
	if !queryFiles(t) {
		return
	}
	for from, says := range exactErrors {
		args := strings.Fields("exact --k 30 --out out/t.ivecs --embeddings " + from)
		err := dispatch(t.Context(), commands(nil, Drivers{}), args)
		for _, text := range says {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v; want %q", from, err, text)
			}
		}
	}
	for from, says := range enginesErrors {
		err := dispatch(t.Context(), commands(engines.All(), Drivers{}), strings.Fields("engines --only ^anncapacity --k 10 --out out --embeddings "+from))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want %q", from, err, says)
		}
	}
}
