package filters

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sbinet/npyio"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/indexfile"
	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/progress"
)

// IndexFile is the name of the index file of FAISS in Options.Dir.
const IndexFile = "index.faiss"

// libraries returns the rows of FAISS and hnswlib, and of the walks on FAISS's graph.
func (t *truth) libraries(ctx context.Context) ([]Row, error) {
	python, err := checkout.Installed("peers/bin/python")
	if err == nil {
		err = exec.CommandContext(ctx, python, "-c", "import faiss, hnswlib").Run()
	}
	if err != nil {
		return nil, fmt.Errorf("FAISS and hnswlib: %w: they are not installed (make peers, environment/setup.sh bench)", errMissing)
	}
	answers, err := t.search(ctx, python)
	if err != nil {
		return nil, err
	}
	if answers["walk"], err = t.walk(); err != nil {
		return nil, err
	}
	var rows []Row
	for _, way := range Ways {
		for _, label := range t.labels() {
			for _, ef := range t.EfSearch {
				if lists := answers[way.Key]; lists != nil {
					rows = append(rows, t.row(way.Key, label, ef, lists[label][ef]))
				}
			}
		}
	}
	return rows, nil
}

// found holds the answers of one way, by label, efSearch and query.
type found map[int64]map[int][][]int32

// search runs environment/filters.py.
func (t *truth) search(ctx context.Context, python string) (answers map[string]found, err error) {
	root, err := checkout.Root()
	if err != nil {
		return nil, err
	}
	if err := t.writeFiles(); err != nil {
		return nil, err
	}
	efs := strings.Trim(strings.ReplaceAll(fmt.Sprint(t.EfSearch), " ", ","), "[]")
	cmd := exec.CommandContext(ctx, python, filepath.Join(root, "environment", "filters.py"), t.path("base.npy"), t.path("queries.npy"), t.path("labels.npy"),
		fmt.Sprint(t.M), fmt.Sprint(t.Construction), fmt.Sprint(t.K), efs, t.Dir)
	defer progress.Spin(t.Progress, "FAISS and hnswlib")()
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("filters: environment/filters.py: %w\n%s", err, out)
	}
	text, err := os.ReadFile(t.path("answers.json"))
	if err != nil {
		return nil, err
	}
	return answers, json.Unmarshal(text, &answers)
}

func (t *truth) path(name string) string { return filepath.Join(t.Dir, name) }

// writeFiles writes the vectors and the labels for Python.
func (t *truth) writeFiles() error {
	for name, v := range map[string]ann.Vectors{"base.npy": t.Base, "queries.npy": t.Queries} {
		if err := embedding.Write(t.path(name), v, make([]embedding.Row, v.N)); err != nil {
			return err
		}
	}
	f, err := os.Create(t.path("labels.npy"))
	if err != nil {
		return err
	}
	if err := npyio.Write(f, t.Labels); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// walk returns for each filter the k nearest of the visited nodes that match, by one walk for each query. It sets visited.
func (t *truth) walk() (found, error) {
	index, err := indexfile.Open(t.path(IndexFile), indexfile.Options{})
	if err != nil {
		return nil, err
	}
	space, err := index.Space()
	if err != nil {
		return nil, err
	}
	walker, err := hnsw.NewBoundedWalker(index.Graph, space)
	if err != nil {
		return nil, err
	}
	answers := found{}
	for _, label := range t.labels() {
		answers[label] = map[int][][]int32{}
	}
	var ids, efforts []int32
	for q := range t.Queries.N {
		walk, err := walker.Walk(ann.Query{Vector: t.Queries.Row(q)}, slices.Max(t.EfSearch))
		if err != nil {
			return nil, err
		}
		ids, efforts = walk.Ranked(ids[:0], efforts[:0])
		for _, ef := range t.EfSearch {
			t.visited[ef] += float64(walk.Visited(ef)) / float64(t.Queries.N)
			for label, nearest := range t.survivors(ids, efforts, ef) {
				answers[label][ef] = append(answers[label][ef], nearest)
			}
		}
	}
	return answers, nil
}

// survivors returns, for each label, the k nearest of the nodes that a search visits. ids are all nodes of a walk, nearest first.
func (t *truth) survivors(ids, efforts []int32, efSearch int) map[int64][]int32 {
	nearest := map[int64][]int32{}
	for _, label := range t.labels() {
		nearest[label] = nil
	}
	for i, id := range ids {
		label := t.Labels[id]
		if int(efforts[i]) <= efSearch && len(nearest[label]) < t.K {
			nearest[label] = append(nearest[label], id)
		}
	}
	return nearest
}
