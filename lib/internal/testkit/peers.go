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

var record = flag.Bool("record", false, "ask the installed peers, and write their answers into lib/internal/testkit/answers")

// Peers answers the questions of a test: with committed answers, or by running scripts of environment/peers.
type Peers struct {
	Live bool // the peers are asked now; otherwise answers are those that are committed, which may lack large files
}

// Question is a script of environment/peers, run in a folder.
type Question struct {
	Name    string   // of the committed answer, answers/NAME.tar.zst
	Folder  string   // the script's working directory: what lies there is its input, what it writes is its answer
	Script  string   // file in environment/peers
	Args    []string // relative to Folder, so that they are the same everywhere
	Largest int64    // files of more bytes, and those of the same stem, are not committed; zero: all are
	Same    bool     // whether the answer must be the same whenever and wherever it is given, as far as float32 goes
}

// EachPeers runs a test with the committed answers and, where the peers are installed, once more with those that they give now.
// needs names modules that not every installation has, such as hnswlib.
func EachPeers(t *testing.T, test func(t *testing.T, peers Peers), needs ...string) {
	t.Helper()
	t.Run("committed", func(t *testing.T) { test(t, Peers{}) })
	if !*record && HasPeers(t, "what they answer now", needs...) {
		t.Run("live", func(t *testing.T) { test(t, Peers{Live: true}) })
	}
}

// HasPeers reports whether the peers and the further modules that are needed are installed. Where they are not it logs that, and
// what is not checked without them.
func HasPeers(t testing.TB, unchecked string, needs ...string) bool {
	t.Helper()
	if _, err := os.Stat(interpreter(t)); err != nil {
		t.Logf("not checked: %s (the peers are not installed: `make peers` does it)", unchecked)
		return false
	}
	for _, module := range needs {
		if err := exec.Command(interpreter(t), "-c", "import "+module).Run(); err != nil {
			t.Logf("not checked: %s (%s is missing: `environment/setup.sh bench` compiles it)", unchecked, module)
			return false
		}
	}
	return true
}

// Ask answers a question: the files that the script writes are in its folder afterwards, and what it prints is returned.
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

// record asks the peers in a copy of the folder, and packs what they answer.
func (q Question) record(t testing.TB, input map[string][]byte) {
	t.Helper()
	q.Folder = t.TempDir()
	writeFiles(t, q.Folder, input)
	q.pack(t, q.answered(t, input, q.run(t)))
}

// Python runs a script of environment/peers and returns what it printed. It ends the test where the peers are not installed: HasPeers
// tells beforehand.
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

// interpreter is that of the test-only Python environment.
func interpreter(t testing.TB) string {
	t.Helper()
	return filepath.Join(Root(t), ".local", "peers", "bin", "python")
}
