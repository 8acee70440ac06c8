package lock_test

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// Modules and packages that some packages must not import: XLA and the project's matrix products on it, image decoders, and the
// libraries of object stores, which are in the module lib/scale/cloud.
var (
	xla      = []string{"github.com/gomlx/", "anncapacity/lib/internal/xla", "anncapacity/lib/exact"}
	decoders = []string{"anncapacity/lib/images", "golang.org/x/image/", "image/jpeg"}
	clouds   = []string{"github.com/aws/", "cloud.google.com/", "gocloud.dev/blob/s3blob", "gocloud.dev/blob/gcsblob"}
)

// TestPackagesImportOnlyWhatTheyNeed checks, for example, that an index does not import XLA and advice does not import image
// decoders.
func TestPackagesImportOnlyWhatTheyNeed(t *testing.T) {
	for name, absent := range map[string][]string{
		"lib/ann":             slices.Concat(xla, decoders),
		"lib/embedding":       decoders,
		"lib/fidelity":        slices.Concat(xla, decoders),
		"lib/confidence":      slices.Concat(xla, decoders),
		"lib/hnsw":            slices.Concat(xla, decoders),
		"lib/indexfile":       slices.Concat(xla, decoders),
		"lib/advise":          decoders,
		"lib/exact":           decoders,
		"lib/audit/live":      decoders,
		"lib/scale/shard":     slices.Concat(decoders, clouds),
		"lib/cmd/anncapacity": clouds,
	} {
		for _, imported := range dependencies(t, name) {
			for _, prefix := range absent {
				if strings.HasPrefix(imported, prefix) {
					t.Errorf("%s depends on %s", name, imported)
				}
			}
		}
	}
}

// dependencies returns the packages that a package depends on, with the package itself.
func dependencies(t *testing.T, name string) []string {
	t.Helper()
	out, err := goCommand(testkit.Root(t), "list", "-deps", "./"+name)
	listed := strings.Fields(out)
	if err != nil || len(listed) == 0 || listed[len(listed)-1] != "anncapacity/"+name {
		t.Fatalf("go list -deps %s: %v: %s", name, err, out)
	}
	return listed
}

// changes matches code that changes the whole process: init functions, and settings of the garbage collector.
var changes = regexp.MustCompile(`(?m)^func init\(\)|\bdebug\.(Set\w+|FreeOSMemory)\(`)

// Libraries do not change the settings of the process. Commands and cells of notebooks do, by package memory.
func TestLibrariesDoNotChangeTheProcess(t *testing.T) {
	lib := filepath.Join(testkit.Root(t), "lib")
	files := 0
	err := filepath.WalkDir(lib, func(path string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(lib, path)
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, "internal/memory/") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		files++
		if found := changes.FindString(read(t, path)); found != "" {
			t.Errorf("lib/%s: %s", name, found)
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files: %v", files, err)
	}
}
