package lock_test

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// kernels are the packages with assembly.
var kernels = []string{
	"./lib/internal/rows", "./lib/hnsw/internal/rounded", "./lib/internal/atmost", "./lib/internal/squared", "./lib/internal/tile",
	"./lib/storage/sketch",
}

// onARM64 sets the processor that the go command of this test compiles for. XLA, which needs C, is not compiled.
func onARM64(t *testing.T) {
	t.Setenv("GOOS", "linux")
	t.Setenv("GOARCH", "arm64")
	t.Setenv("CGO_ENABLED", "0")
}

// TestKernelsOnARM64 assembles and vets the kernels for arm64, and tests on an emulator that they compute what plain Go computes.
// It says nothing about their speed.
func TestKernelsOnARM64(t *testing.T) {
	onARM64(t)
	root := testkit.Root(t)
	if out, err := goCommand(root, slices.Concat([]string{"vet"}, kernels)...); err != nil {
		t.Fatalf("go vet: %v: %s", err, out)
	}
	emulator, err := exec.LookPath("qemu-aarch64-static")
	if err != nil {
		emulator, err = exec.LookPath("qemu-aarch64")
	}
	if err != nil {
		t.Skip("the kernels for arm64 are not run: there is no qemu-aarch64 or qemu-aarch64-static (Debian: qemu-user-static)")
	}
	test := []string{"test", "-run", "PlainGo|Next|Bytes|Tiles|Kernels|Compare", "-exec", emulator}
	if out, err := goCommand(root, slices.Concat(test, kernels)...); err != nil || strings.Contains(out, "no tests to run") {
		t.Errorf("%s: %v: %s", strings.Join(test, " "), err, out)
	}
}

// fused matches an instruction that multiplies and adds with one rounding, and the line of the source that it is compiled from.
var fused = regexp.MustCompile(`\((\S*/lib/\S+\.go:\d+)\)\s+FN?M(?:ADD|SUB)[SD]\b`)

// TestNothingIsFused checks that packages compute the same on arm64 as on amd64. The compiler for arm64 fuses x*y + z into one
// operation, whose result differs in the last digit. It does not fuse float32(x*y) + z.
func TestNothingIsFused(t *testing.T) {
	onARM64(t)
	root := testkit.Root(t)
	listed, err := goCommand(root, "list", "-f", "{{if .GoFiles}}{{.ImportPath}} {{join .Deps \" \"}}{{end}}", "./lib/...")
	if err != nil {
		t.Fatalf("go list: %v: %s", err, listed)
	}
	build := []string{"build", "-gcflags=-S"}
	for line := range strings.Lines(listed) {
		name, _, _ := strings.Cut(line, " ")
		if name != "" && !strings.Contains(line, "github.com/gomlx/go-xla/") && !drawn.MatchString(name) {
			build = append(build, strings.TrimSpace(name))
		}
	}
	out, err := goCommand(root, build...)
	if err != nil || !strings.Contains(out, "FMULS") || !strings.Contains(out, "lib/hnsw") {
		t.Fatalf("go build of %d packages: %v", len(build)-2, err)
	}
	var lines []string
	for _, match := range fused.FindAllStringSubmatch(out, -1) {
		if strings.HasPrefix(match[1], root) {
			lines = append(lines, match[1])
		}
	}
	slices.Sort(lines)
	for _, line := range slices.Compact(lines) {
		t.Errorf("%s: a product is added without a conversion: other bits on arm64 than on amd64", line)
	}
}

// drawn matches packages of drawings and of tests, whose last digits no result depends on.
var drawn = regexp.MustCompile(`/lib/(internal/plate|report/|engine/enginetest)`)
