package scale_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/scale"
)

// refused checks what a command and a worker say of a work folder whose data were changed.
func refused(t *testing.T, location string, p *scale.Plan, says ...string) {
	t.Helper()
	_, asPlan := scale.CreateWork(t.Context(), location, p)
	_, asWorker := scale.OpenWorker(t.Context(), location, scale.Options{})
	for _, err := range []error{asPlan, asWorker} {
		for _, want := range says {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
	}
	if strings.Contains(asPlan.Error(), "fingerprint") {
		t.Error(asPlan)
	}
}

// touch sets the time of a file.
func touch(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(path, time.Time{}, at); err != nil {
		t.Fatal(err)
	}
}

// Shards and queries that were changed are named, with what differs: the time, the content at the same size and time, the size, the number.
func TestChangedShardsAreNamed(t *testing.T) {
	o, v := small(t)
	o.Queries = store(t, points(30, 4), 1)
	shard, queries := filepath.Join(o.Embeddings, "part-01.npy"), filepath.Join(o.Queries, "part-00.npy")
	before := time.Unix(1_700_000_000, 5)
	touch(t, shard, before)
	touch(t, queries, before)
	w := created(t, plan(t, o, 64))
	for _, path := range []string{shard, queries} {
		touch(t, path, before.Add(time.Hour))
		refused(t, w.Location, plan(t, o, 64), filepath.Base(path)+" was last changed at 2023-11-14T23:13:20.000000005Z, and not at",
			"touch -d 2023-11-14T22:13:20.000000005Z restores")
		touch(t, path, before)
	}
	if _, err := scale.CreateWork(t.Context(), w.Location, plan(t, o, 64)); err != nil {
		t.Errorf("with the time restored: %v", err)
	}
	content, err := os.ReadFile(shard)
	if err != nil {
		t.Fatal(err)
	}
	copy(content[len(content)-4:], []byte{0, 0, 0x20, 0x41})
	if err := os.WriteFile(shard, content, 0o644); err != nil {
		t.Fatal(err)
	}
	touch(t, shard, before)
	refused(t, w.Location, plan(t, o, 64), "part-01.npy has other content")
	part := ann.Vectors{N: 10, D: 4, Data: v.Data[:40]}
	if err := embedding.Write(shard, part, make([]embedding.Row, 10)); err != nil {
		t.Fatal(err)
	}
	refused(t, w.Location, plan(t, o, 64), "part-01.npy has ", " bytes, and had ")
	if err := os.Rename(shard, filepath.Join(o.Embeddings, "part-02.npy")); err != nil {
		t.Fatal(err)
	}
	refused(t, w.Location, plan(t, o, 64), "part-01.npy is missing, part-02.npy was added")
}

// Photographs that were changed, renamed and removed are named. The folder of another kind of job is only called that.
func TestChangedPhotographsAreNamed(t *testing.T) {
	dir := photographs(t, 5)
	made := func() *scale.Plan {
		p, err := scale.PlanEmbed(t.Context(), scale.EmbedOptions{Dataset: dir, Weights: "untrained", Block: 2})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	w := created(t, made())
	files, err := filepath.Glob(filepath.Join(dir, "class", "*"))
	if err != nil || len(files) != 5 {
		t.Fatal(files, err)
	}
	name := func(i int) string { return "class/" + filepath.Base(files[i]) }
	if err := os.Truncate(files[3], 100); err != nil {
		t.Fatal(err)
	}
	_, err = scale.CreateWork(t.Context(), w.Location, made())
	if err == nil || !strings.Contains(err.Error(), dir+": "+name(3)+" has other content;") || strings.Contains(err.Error(), "embed.") {
		t.Error(err)
	}
	if err := os.Rename(files[1], files[1]+"-new.png"); err != nil {
		t.Fatal(err)
	}
	refused(t, w.Location, made(), name(1)+" is missing", name(1)+"-new.png was added")
	if err := os.Remove(files[1] + "-new.png"); err != nil {
		t.Fatal(err)
	}
	refused(t, w.Location, made(), name(1)+" is missing")
	o, _ := small(t)
	_, err = scale.CreateWork(t.Context(), w.Location, plan(t, o, 64))
	if err == nil || !strings.Contains(err.Error(), "it is of kind embed, and not exact") || strings.Contains(err.Error(), " there and ") {
		t.Error(err)
	}
}
