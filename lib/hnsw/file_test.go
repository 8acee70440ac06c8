package hnsw

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func bytesOf(t testing.TB, g *Graph) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "g")
	if err := g.Save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGraphFiles(t *testing.T) {
	v := clusters(300, 6, 4)
	g := build(t, OnVectors(v), Options{M: 5, EfConstruction: 30, Selection: SelectAlways, Seed: 11})
	data := bytesOf(t, g)
	path := filepath.Join(t.TempDir(), "damaged.hnsw")
	load := func(data []byte) (*Graph, error) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return Load(path)
	}
	back, err := load(data)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytesOf(t, back), data) || !reflect.DeepEqual(back.Options(), g.Options()) {
		t.Error("a graph changed on its way through a file")
	}
	flip := func(at int) []byte { d := bytes.Clone(data); d[at] ^= 0x40; return d }
	resign := func(d []byte) []byte {
		sum := sha256.Sum256(d[:len(d)-sha256.Size])
		return append(d[:len(d)-sha256.Size:len(d)-sha256.Size], sum[:]...)
	}
	outOfRange := bytes.Clone(data)
	copy(outOfRange[len(data)-sha256.Size-300*2*5*4:], []byte{0xff, 0xff, 0, 0})
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"empty":          {nil, "not a graph file"},
		"foreign":        {bytes.Repeat([]byte("x"), 1000), "not a graph file"},
		"truncated":      {data[:len(data)-100], "checksum"},
		"bit flipped":    {flip(len(data) / 2), "checksum"},
		"newer version":  {flip(9), "version"},
		"links to space": {resign(outOfRange), "link to 65535 of 300"},
	} {
		if _, err := load(c.data); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; an error naming the file and %q is expected", name, err, c.says)
		}
	}
}
