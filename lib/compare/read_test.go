package compare

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The error for a table of another version says what to do.
func TestReadNamesTheCommand(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{"engines.csv", BulkFile} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte("engine,version\nhnswlib,1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Read(dir)
	if err == nil || !strings.Contains(err.Error(), "engines.csv") || !strings.Contains(err.Error(), "run `anncapacity engines` again") {
		t.Errorf("%v", err)
	}
	_, err = ReadBulk(dir)
	if err == nil || !strings.Contains(err.Error(), "run `anncapacity engines --bulk` again") {
		t.Errorf("%v", err)
	}
}
