package pages

import (
	"fmt"
	"go/format"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/compare"
)

// TestContributing adds the measure, the engine, the condition and the figure of CONTRIBUTING.md to a copy of the sources,
// builds the copy once, and checks each of them.
func TestContributing(t *testing.T) {
	dir := t.TempDir()
	copySources(t, dir)
	blocks := blocksOf(read(t, filepath.Join(top, "CONTRIBUTING.md")))
	if len(blocks) < 7 {
		t.Fatalf("CONTRIBUTING.md contains %d blocks that add to the sources, want at least 7", len(blocks))
	}
	for _, b := range blocks {
		b.apply(t, dir)
	}
	writeEmbeddings(t, filepath.Join(dir, "e.npy"))
	inCopy(t, dir, "go build -o bin/anncapacity ./lib/cmd/anncapacity")
	inCopy(t, dir, "bin/anncapacity study --embeddings e.npy --out results --runs 1 --subset 510")
	t.Run("measure", func(t *testing.T) { addedMeasure(t, dir) })
	t.Run("condition", func(t *testing.T) { addedCondition(t, dir) })
	t.Run("engine", func(t *testing.T) { addedEngine(t, dir) })
	t.Run("figure", func(t *testing.T) { addedFigure(t, dir) })
}

// addedMeasure checks that every row has the share of queries whose nearest neighbour is found. At efSearch 100 it is nearly 1
// for 510 points.
func addedMeasure(t *testing.T, dir string) {
	found, efSearch := column(t, dir, "nearest_found"), column(t, dir, "ef_search")
	for i := range found {
		if !(found[i] >= 0 && found[i] <= 1) || efSearch[i] >= 100 && found[i] < .98 {
			t.Errorf("row %d: nearest_found is %v at efSearch %v", i, found[i], efSearch[i])
		}
	}
}

// addedCondition checks that the condition has two values at fifty k.
func addedCondition(t *testing.T, dir string) {
	condition, efSearch, efConstruction := column(t, dir, "condition"), column(t, dir, "ef_search"), column(t, dir, "ef_construction")
	rows := map[string]int{}
	for i := range condition {
		if condition[i] == 5 {
			rows[fmt.Sprint(efSearch[i], " on ", efConstruction[i])]++
		}
	}
	if len(rows) != 2 || rows["25 on 50"] != 50 || rows["100 on 50"] != 50 {
		t.Errorf("condition 5 has the rows %v", rows)
	}
}

// addedEngine checks that the engine returns exact results.
func addedEngine(t *testing.T, dir string) {
	inCopy(t, dir, "go test ./lib/engine/scan")
	inCopy(t, dir, "bin/anncapacity engines --embeddings e.npy --out results --sample 20 --k 10,100 --sweep 10 --only '^linear scan|^anncapacity'")
	result, err := compare.Read(filepath.Join(dir, "results"))
	if err != nil {
		t.Fatal(err)
	}
	answered := 0
	for _, r := range result.Records {
		if r.Engine == "linear scan" {
			answered++
			if r.Overlap != 1 {
				t.Errorf("linear scan: overlap %v at k = %d", r.Overlap, r.K)
			}
		}
	}
	if answered == 0 {
		t.Errorf("the engines are %+v", result.Engines)
	}
}

// addedFigure checks the four files of the figure and its section in the README.md of the folder.
func addedFigure(t *testing.T, dir string) {
	inCopy(t, dir, "bin/anncapacity figures --records results --out figs --dataset toy --network toy")
	for _, extension := range []string{".pdf", ".svg", ".png", ".csv"} {
		if info, err := os.Stat(filepath.Join(dir, "figs", "EmptySlots"+extension)); err != nil || info.Size() < 100 {
			t.Errorf("EmptySlots%s: %v", extension, err)
		}
	}
	if !strings.Contains(read(t, filepath.Join(dir, "figs", "README.md")), "\n## EmptySlots\n") {
		t.Error("README.md of the figures does not name EmptySlots")
	}
}

// column returns a column of results/records.csv as numbers.
func column(t *testing.T, dir, name string) (values []float64) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(read(t, filepath.Join(dir, "results", "records.csv"))), "\n")
	at := slices.Index(strings.Split(lines[0], ","), name)
	if at < 0 {
		t.Fatalf("records.csv has no column %s: %s", name, lines[0])
	}
	for _, line := range lines[1:] {
		value, err := strconv.ParseFloat(strings.Split(line, ",")[at], 64)
		if err != nil {
			value = math.NaN()
		}
		values = append(values, value)
	}
	return values
}

// copySources copies the sources of the program without tests, and links .local.
func copySources(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"go.mod", "go.sum", "lib", "environment"} {
		err := filepath.WalkDir(filepath.Join(top, name), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "testdata":
				return filepath.SkipDir
			case !entry.Type().IsRegular() || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			to := filepath.Join(dir, strings.TrimPrefix(path, top))
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(to, content, 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(top, ".local"), filepath.Join(dir, ".local")); err != nil {
		t.Fatal(err)
	}
}

// inCopy runs a command in the copy, without build tags, so that engines in C++ are not compiled again.
func inCopy(t *testing.T, dir, command string) {
	t.Helper()
	cmd := exec.Command("bash", "-c", command)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-buildvcs=false -mod=readonly")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// block is a code block of CONTRIBUTING.md: a new file, or lines to add to a file.
type block struct {
	path, text string
	adds       bool
}

var (
	codeBlock = regexp.MustCompile("(?ms)^```(?:go|diff)\n(.*?)^```$")
	newFile   = regexp.MustCompile(`^// (lib/\S+\.go)\n\n`)
	addsTo    = regexp.MustCompile(`^\+\+\+ (\S+)\n`)
)

func blocksOf(page string) (blocks []block) {
	for _, match := range codeBlock.FindAllStringSubmatch(page, -1) {
		if head := newFile.FindStringSubmatch(match[1]); head != nil {
			blocks = append(blocks, block{path: head[1], text: strings.TrimPrefix(match[1], head[0])})
		} else if head := addsTo.FindStringSubmatch(match[1]); head != nil {
			blocks = append(blocks, block{path: head[1], text: strings.TrimPrefix(match[1], head[0]), adds: true})
		}
	}
	return blocks
}

// apply writes the file or adds the lines. The result must be formatted by gofmt.
func (b block) apply(t *testing.T, dir string) {
	t.Helper()
	path, text := filepath.Join(dir, b.path), b.text
	if b.adds {
		var err error
		if text, err = addLines(read(t, path), b.text); err != nil {
			t.Fatalf("%s: %v", b.path, err)
		}
	}
	formatted, err := format.Source([]byte(text))
	if err != nil || string(formatted) != text {
		t.Errorf("%s is not formatted (%v)", b.path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// addLines inserts each line of diff that begins with + after the line before it. A line that begins with a space must be in
// the text exactly once.
func addLines(text, diff string) (string, error) {
	lines, at := strings.Split(text, "\n"), -1
	for line := range strings.Lines(diff) {
		sign, line := line[0], strings.TrimSuffix(line[1:], "\n")
		switch {
		case sign == ' ':
			if at = slices.Index(lines, line); at < 0 || slices.Contains(lines[at+1:], line) {
				return "", fmt.Errorf("the line %q is not there exactly once", line)
			}
		case sign != '+' || at < 0:
			return "", fmt.Errorf("%c%s: neither a line of the file nor a line to add after one", sign, line)
		default:
			at++
			lines = slices.Insert(lines, at, line)
		}
	}
	return strings.Join(lines, "\n"), nil
}

func TestAddLines(t *testing.T) {
	const text = "a\n\tb\nc\nc\n"
	for diff, want := range map[string]string{" a\n+1\n+2\n \tb\n+3\n": "a\n1\n2\n\tb\n3\nc\nc\n", " c\n+1\n": "", " d\n+1\n": "", "+1\n": "", "-a\n": ""} {
		if got, err := addLines(text, diff); got != want || (err == nil) != (want != "") {
			t.Errorf("%q gives %q (%v), want %q", diff, got, err, want)
		}
	}
	page := "```go\n// lib/a/b.go\n\npackage a\n```\n```diff\n+++ lib/a.go\n x\n+y\n```\n```go\nno := path\n```\n"
	if got := blocksOf(page); len(got) != 2 || got[0] != (block{path: "lib/a/b.go", text: "package a\n"}) || got[1] != (block{"lib/a.go", " x\n+y\n", true}) {
		t.Errorf("%+v", got)
	}
}
