package scale

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/atomicfile"
)

// Outputs returns the files that Merge writes: of exact neighbours FILE.ivecs, FILE.fvecs with the distances and, if the queries are a
// sample, FILE.rows.txt with the row of each query; of embeddings FILE.npy and FILE.csv.
func (p *Plan) Outputs(out string) []string {
	if p.Kind == KindEmbed {
		return embedding.Outputs(out)
	}
	files := embedding.NeighborOutputs(out)
	if p.Exact.Queries.Sample > 0 {
		files = append(files, rowsFile(out))
	}
	return files
}

func rowsFile(out string) string { return strings.TrimSuffix(out, filepath.Ext(out)) + ".rows.txt" }

// Merge writes the results of all tasks to the files that Outputs names: the same bytes as embedding.WriteNeighbors of one stream of
// package exact, and as embedding.Write of resnet50.Embed. It writes all files or none. The error is a *DamagedError if results are
// damaged, and wraps fs.ErrNotExist if a result is missing.
func (w *Work) Merge(ctx context.Context, out string) error {
	if w.Plan.Kind == KindEmbed {
		return w.mergeEmbeddings(ctx, out)
	}
	var more []atomicfile.File
	if e := w.Plan.Exact; e.Queries.Sample > 0 {
		rows, err := e.Rows()
		if err != nil {
			return err
		}
		more = append(more, atomicfile.File{Path: rowsFile(out), Write: func(w io.Writer) error { return writeRows(w, rows) }})
	}
	m := merger{Work: w, block: -1}
	return embedding.WriteNeighborLists(out, func() iter.Seq2[ann.Neighbors, error] { return m.merged(ctx) }, more...)
}

// writeRows writes a number in each line.
func writeRows(out io.Writer, rows []int32) error {
	w := bufio.NewWriter(out)
	for _, row := range rows {
		fmt.Fprintln(w, row)
	}
	return w.Flush()
}

// merger merges results, of which it holds that of one task, and the lists of the last block of queries.
type merger struct {
	*Work
	block int // whose lists are held; −1 means none
	lists [][]exact.Ranked
}

// merged returns the lists of all queries, in order. After a damaged result it goes on, to find the others, and ends with a *DamagedError.
func (w *merger) merged(ctx context.Context) iter.Seq2[ann.Neighbors, error] {
	return func(yield func(ann.Neighbors, error) bool) {
		e, tasks := w.Plan.Exact, w.Plan.Tasks()
		metric, err := ann.ParseMetric(e.Metric)
		if err != nil {
			yield(nil, err)
			return
		}
		all := &DamagedError{}
		for block := range e.blocks() {
			s := e.block(block)
			lists, err := w.blockLists(ctx, block, tasks[block*e.Parts:(block+1)*e.Parts], all)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(all.Tasks) > 0 {
				continue
			}
			for i, nearest := range lists {
				list, err := exact.RoundPartial(int32(s.from+i), metric, nearest)
				if err == nil && len(list) != e.K {
					err = fmt.Errorf("query %d has %d neighbours, want %d", s.from+i, len(list), e.K)
				}
				if !yield(list, err) || err != nil {
					return
				}
			}
		}
		if len(all.Tasks) > 0 {
			yield(nil, all)
		}
	}
}

// blockLists returns the lists of a block of queries, merged from the results of its tasks. Damaged results are added to all.
func (w *merger) blockLists(ctx context.Context, block int, tasks []string, all *DamagedError) ([][]exact.Ranked, error) {
	if w.block == block {
		return w.lists, nil
	}
	e := w.Plan.Exact
	w.block, w.lists = -1, make([][]exact.Ranked, e.block(block).len())
	for _, task := range tasks {
		part, err := w.Work.lists(ctx, task, len(w.lists))
		if err = all.note(err); err != nil {
			return nil, err
		}
		for i, list := range part {
			w.lists[i] = exact.MergePartial(w.lists[i], list, e.K)
		}
	}
	if len(all.Tasks) == 0 {
		w.block = block
	}
	return w.lists, nil
}

// note adds a *DamagedError to e and returns any other error.
func (e *DamagedError) note(err error) error {
	damaged := (*DamagedError)(nil)
	if !errors.As(err, &damaged) {
		return err
	}
	if e.First == nil {
		e.First = damaged.First
	}
	e.Tasks = append(e.Tasks, damaged.Tasks...)
	return nil
}
