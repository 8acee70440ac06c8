package lock_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// The most lines of a Go file and of a function, tests included.
const (
	longestFile     = 300
	longestFunction = 50
)

func TestFilesAndFunctionsAreShort(t *testing.T) {
	lib := filepath.Join(testkit.Root(t), "lib")
	looked := 0
	err := filepath.WalkDir(lib, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		looked++
		checkSizes(t, path)
		return nil
	})
	if err != nil || looked < 300 {
		t.Errorf("%d files: %v", looked, err)
	}
}

func checkSizes(t *testing.T, path string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Error(err)
		return
	}
	if lines := files.File(file.Pos()).LineCount() - 1; lines > longestFile {
		t.Errorf("%s has %d lines, more than %d", path, lines, longestFile)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if lines := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1; lines > longestFunction {
			t.Errorf("%s: %s has %d lines, more than %d", path, f.Name.Name, lines, longestFunction)
		}
	}
}
