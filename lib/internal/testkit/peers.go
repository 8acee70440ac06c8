package testkit

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var record = flag.Bool("record", false, "run the installed peers and write their answers to lib/internal/testkit/answers")

// Peers answers the questions of a test, either with the committed answers or by running scripts of environment/peers.
type Peers struct {
	Live bool // run the scripts; otherwise use the committed answers, which may lack large files
}

// Question is a script of environment/peers, run in a folder.
type Question struct {
	Name    string   // name of the committed answer, answers/NAME.tar.zst
	Folder  string   // working directory of the script: its files are the input, files that the script writes are the answer
	Script  string   // file in environment/peers
	Args    []string // arguments; paths are relative to Folder, so that they are the same on every machine
	Largest int64    // files of more bytes, and those of the same stem, are not committed; zero means that all are
	Same    bool     // whether the answer must be the same on every machine, up to the rounding of float32
}

// EachPeers runs a test with the committed answers and, if the peers are installed, a second time with their current answers.
// The optional modules in needs, such as hnswlib, must be installed, too.
func EachPeers(t *testing.T, test func(t *testing.T, peers Peers), needs ...string) {
	t.Helper()
	t.Run("committed", func(t *testing.T) { test(t, Peers{}) })
	if !*record && HasPeers(t, "the current answers of the peers", needs...) {
		t.Run("live", func(t *testing.T) { test(t, Peers{Live: true}) })
	}
}

// HasPeers reports whether the peers and the optional modules in needs are installed. If they are not, it logs that and what
// is therefore not checked.
func HasPeers(t testing.TB, unchecked string, needs ...string) bool {
	t.Helper()
	if _, err := os.Stat(interpreter(t)); err != nil {
		t.Logf("not checked: %s (the peers are not installed: run `make peers`)", unchecked)
		return false
	}
	for _, module := range needs {
		if err := exec.Command(interpreter(t), "-c", "import "+module).Run(); err != nil {
			t.Logf("not checked: %s (%s is not installed: run `environment/setup.sh bench`)", unchecked, module)
			return false
		}
	}
	return true
}

// Ask answers a question. It leaves the files that the script writes in the question's folder and returns what it prints.
func (p Peers) Ask(t testing.TB, q Question) (printed []byte) {
	t.Helper()
	input := q.files(t)
	if !p.Live {
		if *record {
			q.record(t, input)
		}
		return q.unpack(t, input)
	}
	printed = q.run(t)
	if q.Same {
		q.compare(t, q.answered(t, input, printed))
	}
	return printed
}

// record runs the script in a copy of the folder and writes the answer to its archive.
func (q Question) record(t testing.TB, input map[string][]byte) {
	t.Helper()
	q.Folder = t.TempDir()
	writeFiles(t, q.Folder, input)
	q.pack(t, q.answered(t, input, q.run(t)))
}

// Python runs a script of environment/peers and returns what it prints. The test fails if the peers are not installed; call
// HasPeers before.
func Python(t testing.TB, script string, args ...string) []byte {
	t.Helper()
	return Question{Script: script, Args: args}.run(t)
}

func (q Question) run(t testing.TB) []byte {
	t.Helper()
	cmd := exec.Command(interpreter(t), append([]string{filepath.Join(Root(t), "environment", "peers", q.Script)}, q.Args...)...)
	cmd.Dir = q.Folder
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", q.Script, strings.Join(q.Args, " "), err, stderr.Bytes())
	}
	return out
}

// interpreter returns the path of the interpreter of the Python environment for tests.
func interpreter(t testing.TB) string {
	t.Helper()
	return filepath.Join(Root(t), ".local", "peers", "bin", "python")
}
