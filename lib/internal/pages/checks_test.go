package pages

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/fetch"
)

// photographs writes JPEG files of random colours in two classes, each files of each.
func photographs(t *testing.T, dir string, each int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 2 * each {
		img := image.NewRGBA(image.Rect(0, 0, 64, 48))
		for p := range img.Pix {
			img.Pix[p] = byte(rng.Uint32())
		}
		img.Set(0, 0, color.White)
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, nil); err != nil {
			t.Fatal(err)
		}
		class := filepath.Join(dir, []string{"cats", "dogs"}[i%2])
		if err := os.MkdirAll(class, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(class, fmt.Sprintf("%d.jpg", i)), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// anncapacity runs a command of bin/anncapacity in bash. The replacements reduce its size.
func anncapacity(t *testing.T, command string, small ...string) {
	t.Helper()
	for i := 0; i < len(small); i += 2 {
		if !strings.Contains(command, small[i]) {
			t.Fatalf("%q does not contain %q", command, small[i])
		}
	}
	if out, err := exec.Command("bash", "-c", strings.NewReplacer(small...).Replace(command)).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func embedsPhotographs(t *testing.T, command string) {
	anncapacity(t, command, "imagenet1k_v2", "untrained --batch 8")
	v, err := embedding.Open("e.npy")
	rows, rowsErr := embedding.OpenRows("e.npy")
	if err != nil || rowsErr != nil || v.N != 8 || v.D != 2048 || len(rows) != 8 || rows[7].Class != "dogs" {
		t.Fatalf("%d × %d embeddings, %v (%v, %v)", v.N, v.D, rows, err, rowsErr)
	}
	writeEmbeddings(t, "e.npy") // a study needs more points than its largest k
}

// writeEmbeddings writes 520 × 8 normally distributed numbers.
func writeEmbeddings(t *testing.T, path string) {
	t.Helper()
	writeNormal(t, path, 520, 4)
}

// writeNormal writes n × 8 normally distributed numbers.
func writeNormal(t *testing.T, path string, n int, seed uint64) {
	t.Helper()
	v := ann.Vectors{N: n, D: 8, Data: make([]float32, n*8)}
	rng := rand.New(rand.NewPCG(3, seed))
	for i := range v.Data {
		v.Data[i] = float32(rng.NormFloat64())
	}
	if err := embedding.Write(path, v, make([]embedding.Row, v.N)); err != nil {
		t.Fatal(err)
	}
}

// findsDescriptors needs OpenCV, which not every checkout has.
func findsDescriptors(t *testing.T, command string) {
	if _, err := os.Stat(filepath.Join(top, ".local", "sift", "bin", "python")); err != nil {
		t.Skip("not checked: OpenCV is not installed: run `make sift`")
	}
	anncapacity(t, command, "1000000 --learn 1000000 --queries 10000", "20 --learn 20 --queries 5")
	base, err := embedding.OpenCoordinates("sift/base.bvecs", io.Discard)
	if err != nil || base.N != 20 || base.D != 128 || base.Bytes == nil {
		t.Errorf("%d × %d, %v", base.N, base.D, err)
	}
}

func studies(t *testing.T, command string) {
	anncapacity(t, command, "--subset 1500", "--subset 510")
	if _, err := os.Stat("results/records.csv"); err != nil {
		t.Error(err)
	}
}

func drawsFigures(t *testing.T, command string) {
	anncapacity(t, command)
	drawn, err := filepath.Glob("figures/mine/*.pdf")
	if err != nil || len(drawn) < 14 {
		t.Errorf("%d figures (%v)", len(drawn), err)
	}
	latex, err := os.ReadFile("figures/mine/figures.tex")
	if err != nil || !bytes.Contains(latex, []byte(`my photographs $\cdot$ my network`)) {
		t.Errorf("figures.tex does not name its data (%v)\n%s", err, latex)
	}
}

func advises(t *testing.T, command string) {
	writeNormal(t, "queries.npy", 500, 5)
	anncapacity(t, command)
}

func findsNeighbours(t *testing.T, command string) {
	anncapacity(t, command)
	distances, err := embedding.Open("neighbours.fvecs")
	if err != nil || distances.N != 520 || distances.D != 100 || slices.Max(distances.Data) > 2 {
		t.Errorf("%d × %d distances, the largest %v (%v)", distances.N, distances.D, slices.Max(distances.Data), err)
	}
}

// findsNeighboursOfQueries finds those of 30 queries.
func findsNeighboursOfQueries(t *testing.T, command string) {
	e, err := embedding.Open("e.npy")
	if err != nil {
		t.Fatal(err)
	}
	queries := ann.Vectors{N: 30, D: e.D, Data: slices.Repeat(e.Row(7), 30)}
	if err := embedding.Write("q.npy", queries, make([]embedding.Row, queries.N)); err != nil {
		t.Fatal(err)
	}
	anncapacity(t, command)
	if truth, err := embedding.OpenTruth("truth.ivecs"); err != nil || truth.N != 30 || truth.K != 100 {
		t.Errorf("%d × %d neighbours (%v)", truth.N, truth.K, err)
	}
}

// comparesWithTruth compares the engines of the project that support the metric.
func comparesWithTruth(t *testing.T, command string) {
	anncapacity(t, command, "--k 10,100", "--k 10,100 --sweep 10 --only '^anncapacity'")
	result, err := compare.Read("results-ip")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range result.Records {
		if r.Queries != 30 || r.Metric != "inner product" || r.EfSearch == 0 && r.Overlap != 1 {
			t.Errorf("%+v", r)
		}
	}
}

// comparesEngines compares the engines that run in this process.
func comparesEngines(t *testing.T, command string) {
	anncapacity(t, command, "--out results", "--out results --sample 20 --k 10,100 --sweep 10 --only 'anncapacity|coder|gonum'")
	result, err := compare.Read("results")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range result.Engines {
		if e.Missing != "" || e.Observed == "" || e.Points != 520 {
			t.Errorf("%+v", e)
		}
	}
	if len(result.Engines) < 8 || len(result.Records) < 16 {
		t.Errorf("%d engines, %d records", len(result.Engines), len(result.Records))
	}
}

// timesBulkSearch times the project's exact search alone, on few points.
func timesBulkSearch(t *testing.T, command string) {
	anncapacity(t, command, "--bulk", "--bulk --bulk-points 400 --bulk-dimensions 4 --k 10 --only 'anncapacity exact'")
	if rows, err := compare.ReadBulk("results"); err != nil || len(rows) < 3 || rows[0].Points != 400 {
		t.Errorf("%+v (%v)", rows, err)
	}
}

func isPartOfAnother(*testing.T, string) {}

func hasDownload(t *testing.T, command string) {
	if _, err := fetch.Named(strings.TrimPrefix(command, "bin/anncapacity download ")); err != nil {
		t.Error(err)
	}
}

// runMake prints the help, which must list every target for users.
func runMake(t *testing.T, command string) {
	help := inCheckout(t, command)
	makefile, err := os.ReadFile(filepath.Join(top, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	targets := regexp.MustCompile(`(?m)^\.PHONY: (.*)$`).FindStringSubmatch(string(makefile))
	if targets == nil {
		t.Fatal("the Makefile names no targets")
	}
	for _, target := range strings.Fields(targets[1]) {
		if target != "help" && target != "python" && !strings.Contains(help, "make "+target+" ") {
			t.Errorf("make help does not list make %s", target)
		}
	}
}

func planMake(t *testing.T, command string) {
	if out := inCheckout(t, strings.Replace(command, "make ", "make -n ", 1)); strings.TrimSpace(out) == "" {
		t.Errorf("%s does nothing", command)
	}
	const resolve = "import sys; sys.path.insert(0, 'environment'); import notebooks; notebooks.resolve_job()"
	inCheckout(t, strings.TrimPrefix(strings.TrimPrefix(command, "make "), strings.Fields(command)[1])+` python3 -c "`+resolve+`"`)
}

// top is the path of the top folder of this checkout.
var top = func() string {
	dir, err := filepath.Abs("../../..")
	if err != nil {
		panic(err)
	}
	return dir
}()

// inCheckout runs a command in the top folder of the checkout and returns its output. The command must succeed.
func inCheckout(t *testing.T, command string) string {
	t.Helper()
	cmd := exec.Command("bash", "-c", command)
	cmd.Dir = top
	for _, setting := range os.Environ() { // without the settings of a make that runs this test
		if !strings.HasPrefix(setting, "MAKE") && !strings.HasPrefix(setting, "MFLAGS") {
			cmd.Env = append(cmd.Env, setting)
		}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

// namesPackages compares the packages that README.md names with those that environment/setup.sh needs, and git.
func namesPackages(t *testing.T, command string) {
	script, err := os.ReadFile(filepath.Join(top, "environment/setup.sh"))
	if err != nil {
		t.Fatal(err)
	}
	needed := []string{"git"}
	for _, step := range regexp.MustCompile(`(?ms)^(?:venv|setup_python)\(\) \{\n(.*?)^\}`).FindAllStringSubmatch(string(script), -1) {
		for _, need := range regexp.MustCompile(`(?m)^\s*need (\S+) `).FindAllStringSubmatch(step[1], -1) {
			needed = append(needed, need[1])
		}
	}
	named := strings.Fields(strings.TrimPrefix(command, "sudo apt-get install "))
	slices.Sort(named)
	slices.Sort(needed)
	if needed = slices.Compact(needed); !slices.Equal(named, needed) {
		t.Errorf("README.md names %v, environment/setup.sh needs %v", named, needed)
	}
}
