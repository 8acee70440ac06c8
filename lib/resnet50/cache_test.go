package resnet50

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestCache(t *testing.T) {
	dir, key := t.TempDir(), cacheKey(Untrained(1), Preprocess{})
	c, err := openCache(dir, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openCache(dir, key); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a locked cache: error %v", err)
	}
	if err := c.add([]sum{{1}}, make([]float32, Features)); err != nil {
		t.Fatal(err)
	}
	path := c.file.Name()
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	foreign := append([]byte(cacheMagic), make([]byte, 100)...)
	if err := os.WriteFile(path, foreign, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openCache(dir, key); err == nil || !strings.Contains(err.Error(), "not a cache of these weights") {
		t.Errorf("a cache of other weights: error %v", err)
	}
	if content, err := os.ReadFile(path); err != nil || !bytes.Equal(content, foreign) {
		t.Errorf("a file that is not a cache of these weights was changed (%v)", err)
	}
}

// TestFullDisk adds records to a device that is always full.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no /dev/full here: %v", err)
	}
	defer full.Close()
	c := &cache{file: full, end: int64(headerSize), at: map[sum]int64{{9}: 0}}
	err = c.add([]sum{{1}}, make([]float32, Features))
	if err == nil || !strings.Contains(err.Error(), "no space left") || !strings.Contains(err.Error(), "1 embeddings") {
		t.Errorf("error %v", err)
	}
	if len(c.at) != 1 || c.end != int64(headerSize) {
		t.Errorf("after a full disk: %d records, the next at %d", len(c.at), c.end)
	}
}
