package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"text/template"
	"time"

	"anncapacity/lib/internal/atomicfile"
)

// page holds the content of docs/speeds.md: the times, the data and the machine.
type page struct {
	Date       string
	Machine    machine
	Project    string
	Peers      []string
	Embeddings string
	Rounds     int
	Runs       int    // runs of the study whose memory was determined
	Points     string // points of each run
	Quick      bool
	Only       string // regular expression that selected the rows; "" means all rows
	Rows       []timing
	Memory     *memoryUse // nil if it was not determined
	Sets       []setTable
	Absent     []string // sets that could not be had
}

// machine describes the machine on which the times were taken.
type machine struct {
	CPU    string
	Cores  int
	Memory float64 // GB
	Load   string  // load average of the minute before the first row
}

//go:embed speeds.md.tmpl
var pageText string

var pageTemplate = template.Must(template.New("speeds").Parse(pageText))

// TableHead returns the head of the table, for the template.
func (page) TableHead() string { return tableHead }

// Missed returns the number of ratios below their targets.
func (p page) Missed() (missed int) {
	for _, m := range p.Rows {
		if m.Missed() {
			missed++
		}
	}
	for _, s := range p.Sets {
		missed += s.missed()
	}
	return missed
}

func (p page) write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error { return pageTemplate.Execute(w, p) })
}

// describe returns the page without its times.
func describe(ctx context.Context, o options) (*page, error) {
	peers, err := peerVersions(ctx)
	if err != nil {
		return nil, err
	}
	return &page{
		Date: time.Now().UTC().Format(time.DateOnly), Machine: thisMachine(), Project: project(ctx, o.out), Peers: peers,
		Rounds: o.rounds, Runs: o.runs, Points: thousands(o.points), Quick: o.quick, Only: o.only.String(),
	}, nil
}

func thisMachine() machine {
	load, _, _ := strings.Cut(field("/proc/loadavg", ""), " ")
	var kB float64
	fmt.Sscan(field("/proc/meminfo", "MemTotal:"), &kB)
	return machine{CPU: strings.TrimLeft(field("/proc/cpuinfo", "model name"), "\t: "), Cores: runtime.NumCPU(), Memory: 1024 * kB / 1e9, Load: load}
}

// field returns the rest of the first line of a file that begins with key, or "unknown" if there is none.
func field(path, key string) string {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "unknown"
}

// project returns the commit of the checkout and the versions of Go and GoMLX. It notes uncommitted changes of files other than
// the page.
func project(ctx context.Context, out string) string {
	commit := "unknown"
	if head, err := exec.CommandContext(ctx, "git", "rev-parse", "--short=12", "HEAD").Output(); err == nil {
		commit = strings.TrimSpace(string(head))
		changed, err := exec.CommandContext(ctx, "git", "status", "--porcelain", "--untracked-files=no", "--", ":/", ":!"+out).Output()
		if err != nil || len(changed) > 0 {
			commit += " with uncommitted changes"
		}
	}
	versions := []string{"commit " + commit, runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/gomlx/gomlx" {
				versions = append(versions, "GoMLX "+d.Version)
			}
		}
	}
	return strings.Join(versions, ", ")
}

// peerPackages lists the Python packages of the peers and their names on the page.
var peerPackages = [][2]string{{"onnxruntime", "ONNX Runtime"}, {"faiss-cpu", "FAISS"}, {"hnswlib", "hnswlib"}, {"usearch", "usearch"}, {"numpy", "NumPy"}}

// peerVersions returns the name and version of each peer.
func peerVersions(ctx context.Context) ([]string, error) {
	var args []string
	for _, p := range peerPackages {
		args = append(args, p[0])
	}
	out, err := python(ctx, "versions.py", args...)
	if err != nil {
		return nil, fmt.Errorf("versions of the peers: %w (run `make bench` to install them)", err)
	}
	var versions map[string]string
	if err := json.Unmarshal(out, &versions); err != nil {
		return nil, err
	}
	var named []string
	for _, p := range peerPackages {
		named = append(named, p[1]+" "+versions[p[0]])
	}
	return named, nil
}
