package compare

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/table"
)

// BulkFile is the name of the file that BulkAll writes.
const BulkFile = "bulk.csv"

// BulkAll calls Bulk for each metric, with those of o.Engines that support it, and writes all rows to dir/bulk.csv. The rows of
// each metric are stored, so that a stopped run continues with the next one. They are timed again if an available engine
// failed, or if the available engines have changed.
func BulkAll(ctx context.Context, o BulkOptions, metrics []ann.Metric, dir string) ([]BulkRow, error) {
	folder, err := parts.Folder(dir)
	if err != nil {
		return nil, err
	}
	var all []BulkRow
	for _, m := range metrics {
		one := o
		one.Metric = m
		one.Engines = slices.DeleteFunc(slices.Clone(o.Engines), func(e engine.Engine) bool { return !slices.Contains(e.Metrics, m) })
		rows, err := one.part(ctx, filepath.Join(folder, "bulk-"+one.key()+".csv"))
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, table.WriteRows(filepath.Join(dir, BulkFile), all)
}

// ReadBulk returns the rows that BulkAll wrote to dir.
func ReadBulk(dir string) ([]BulkRow, error) {
	return read[BulkRow](filepath.Join(dir, BulkFile), " --bulk")
}

// BulkTable returns the table that BulkAll writes to dir, without rows.
func BulkTable(dir string) table.Table {
	return table.New[BulkRow](filepath.Join(dir, BulkFile), nil)
}

// part reads the rows of one metric, or times the engines.
func (o BulkOptions) part(ctx context.Context, path string) ([]BulkRow, error) {
	kind := parts.Kind[[]BulkRow]{
		Read: table.ReadRows[BulkRow], Write: table.WriteRows[BulkRow],
		Keep: func(rows []BulkRow) bool { return !slices.ContainsFunc(rows, o.failed) },
	}
	rows, _, err := kind.Get(path, func() ([]BulkRow, error) { return Bulk(ctx, o) })
	return rows, err
}

// failed reports whether a row is that of an available engine that failed.
func (o BulkOptions) failed(r BulkRow) bool {
	return r.Missing != "" && slices.ContainsFunc(o.Engines, func(e engine.Engine) bool { return e.Name == r.Engine && e.Missing() == nil })
}

// bulkVersion changes when the records of the same engines and vectors change.
const bulkVersion = 2

// key returns a file name part that depends on all inputs of the rows.
func (o BulkOptions) key() string {
	key := parts.Key(func(sum io.Writer) {
		fmt.Fprintln(sum, bulkVersion, o.Metric, o.K, o.EfSearch, o.Time, o.Index.M, o.Index.EfConstruction, o.Index.Threads, o.Index.Seed, o.Base.N, o.Base.D)
		for _, e := range o.Engines {
			fmt.Fprintln(sum, e.Key, e.Version(), e.Missing() == nil)
		}
		binary.Write(sum, binary.LittleEndian, o.Base.Data)
	})
	return strings.ReplaceAll(o.Metric.String(), " ", "-") + "-" + key
}
