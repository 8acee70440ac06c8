package lock_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var distribution = regexp.MustCompile(`^(.+)-([^-]+)\.dist-info$`)

// installed compares the packages in .local with the locked versions. pip and the packages that it installs for itself are not
// locked.
func installed(t *testing.T, root string) []string {
	var problems []string
	peers := []string{"peers.txt"}
	if _, err := os.Stat(filepath.Join(root, ".local", "stamps", "bench")); err == nil { // until then, setuptools is the version of venv
		peers = append(peers, "bench.txt", "hnswlib.txt")
	}
	for folder, files := range map[string][]string{
		"python": {"requirements.txt", "plugin.txt"}, "peers": peers, "sift": {"sift.txt"}, "storage": {"storage.txt"}, "sptag": {"sptag.txt"}, "java": {"java.txt"},
	} {
		locked := map[string][]string{}
		for _, file := range files {
			found, _ := readRequirements(filepath.Join(root, "environment", file))
			for name, r := range found {
				locked[name] = append(locked[name], r.versions...)
			}
		}
		infos, err := filepath.Glob(filepath.Join(root, ".local", folder, "lib", "python3.*", "site-packages", "*.dist-info"))
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range infos {
			m := distribution.FindStringSubmatch(filepath.Base(info))
			name := regexp.MustCompile(`[-_.]+`).ReplaceAllString(strings.ToLower(m[1]), "-")
			if versions := locked[name]; len(versions) > 0 && !slices.Contains(versions, m[2]) {
				problems = append(problems, fmt.Sprintf(".local/%s holds %s %s, locked at %v", folder, name, m[2], versions))
			}
		}
	}
	return problems
}

var (
	dated    = regexp.MustCompile(`^[a-z0-9./-]+:\S*\d{8}\S*$|@sha256:[0-9a-f]{64}$`)
	snapshot = regexp.MustCompile(`^\d{8}T\d{6}Z$`)
)

// image checks that the base image of the Dockerfile has a date or a digest, that Debian's packages are those of a snapshot,
// and that no stage has another base.
func image(t *testing.T, root string) []string {
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	defaults, stages := map[string]string{}, map[string]bool{"${BASE}": true}
	for _, line := range strings.Split(string(text), "\n") {
		switch fields := strings.Fields(line); {
		case len(fields) < 2:
		case fields[0] == "ARG":
			if name, value, given := strings.Cut(fields[1], "="); given {
				defaults[name] = value
			}
		case fields[0] == "FROM":
			if !stages[fields[1]] {
				problems = append(problems, "Dockerfile: "+line+": neither ${BASE} nor a stage")
			}
			stages[fields[len(fields)-1]] = true
		}
	}
	if !dated.MatchString(defaults["BASE"]) {
		problems = append(problems, "Dockerfile: BASE="+defaults["BASE"]+" has neither a date nor a digest")
	}
	if !snapshot.MatchString(defaults["SNAPSHOT"]) {
		problems = append(problems, "Dockerfile: SNAPSHOT="+defaults["SNAPSHOT"]+" is not a time of snapshot.debian.org")
	}
	return problems
}

var (
	uses   = regexp.MustCompile(`(?m)^\s*(?:- )?uses:\s*(\S+)`)
	runner = regexp.MustCompile(`(?m)^\s*(?:runs-on|container):\s*(\S+)`)
	exact  = regexp.MustCompile(`@(v\d+\.\d+\.\d+|[0-9a-f]{40})$`)
)

// actions checks that the workflows use actions of one release or commit, and no runner called latest.
func actions(t *testing.T, root string) []string {
	paths, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var problems []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return []string{err.Error()}
		}
		for _, m := range uses.FindAllSubmatch(text, -1) {
			if !exact.Match(m[1]) {
				problems = append(problems, filepath.Base(path)+": "+string(m[1])+" is neither a release nor a commit")
			}
		}
		for _, m := range runner.FindAllSubmatch(text, -1) {
			if strings.HasSuffix(string(m[1]), "latest") {
				problems = append(problems, filepath.Base(path)+": "+string(m[1])+" is another machine every year")
			}
		}
	}
	return problems
}

var (
	sha256Form = regexp.MustCompile(`^[0-9a-f]{64}$`)
	torch      = regexp.MustCompile(`^[a-z0-9_]+-([0-9a-f]{8})\.pth$`) // PyTorch names a file of weights by its SHA-256
)

// downloads checks that every file of downloads.json has a size, a SHA-256, and the name that its publisher gave it.
func downloads(t *testing.T, root string) []string {
	text, err := os.ReadFile(filepath.Join(root, "lib", "internal", "fetch", "downloads.json"))
	if err != nil {
		return []string{err.Error()}
	}
	var files map[string]struct {
		Name, URL, SHA256 string
		Mirrors           []string
		Bytes             int64
	}
	if err := json.Unmarshal(text, &files); err != nil || len(files) == 0 {
		return []string{"downloads.json names no file"}
	}
	var problems []string
	for key, f := range files {
		elsewhere := func(url string) bool { return !strings.HasSuffix(url, "/"+f.Name) }
		if f.Bytes <= 0 || !sha256Form.MatchString(f.SHA256) || slices.ContainsFunc(append(f.Mirrors, f.URL), elsewhere) {
			problems = append(problems, "downloads.json: "+key+" lacks its size, its SHA-256 or the address of its name")
		}
		if m := torch.FindStringSubmatch(f.Name); m != nil && !strings.HasPrefix(f.SHA256, m[1]) {
			problems = append(problems, "downloads.json: "+f.Name+" has the SHA-256 "+f.SHA256)
		}
	}
	return problems
}

// patches checks that GoNB's patches apply exactly to its pinned version.
func patches(t *testing.T, root string) []string {
	dir, err := goCommand(filepath.Join(root, "environment", "tools"), "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb")
	if err != nil {
		return []string{"environment/tools: " + dir}
	}
	if dir == "" {
		t.Skip("GoNB is not in the module cache: run `make setup`")
	}
	out, err := exec.Command("python3", filepath.Join(root, "environment", "gonb.py"), dir, filepath.Join(t.TempDir(), "gonb")).CombinedOutput()
	if err != nil {
		return []string{"environment/gonb.py: " + string(out)}
	}
	return nil
}
