package command

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"anncapacity/lib/internal/table"
	"anncapacity/lib/storage/study"
)

// Defaults of advise -storage.
const (
	storageK      = 10
	storageRecall = .95
)

// adviseStorage prints the advice of the study in a folder. flags are those of advise.
func adviseStorage(flags *flag.FlagSet, folder string, k int, recall float64, memory int64, asJSON bool) error {
	set := map[string]bool{}
	var foreign []string
	flags.Visit(func(f *flag.Flag) {
		set[f.Name] = true
		if !slices.Contains([]string{"storage", "k", "recall", "memory", "json"}, f.Name) {
			foreign = append(foreign, "-"+f.Name)
		}
	})
	if len(foreign) > 0 {
		return fmt.Errorf("%s: of an index in memory, not to be used with -storage", foreign[0])
	}
	if !set["k"] {
		k = storageK
	}
	if !set["recall"] {
		recall = storageRecall
	}
	if err := atLeast(1, "k", k); err != nil {
		return err
	}
	if !(recall > 0 && recall <= 1) {
		return fmt.Errorf("-recall %v: must be above 0 and at most 1", recall)
	}
	path := filepath.Join(folder, study.RowsFile)
	rows, err := table.ReadRows[study.Row](path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; `anncapacity storage study` writes it", err)
	}
	if err != nil {
		return err
	}
	disk, err := table.ReadRows[study.DiskRow](filepath.Join(folder, study.DiskFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	o := study.AdviceOptions{Recall: recall, K: k}
	if _, base := study.Largest(rows); set["memory"] && base > 0 {
		o.Memory = float64(memory) / float64(base)
	}
	a, err := study.Advise(rows, disk, o)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return show(a, asJSON)
}
