package figure

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"anncapacity/lib/audit/filters"
	"anncapacity/lib/capacity"
	"anncapacity/lib/compare"
	"anncapacity/lib/growth"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/sharding"
	storage "anncapacity/lib/storage/study"
	"anncapacity/lib/study"
	"anncapacity/lib/words"
)

// Results holds the records that figures are drawn from: those of a study, of other engines, of growing numbers of points, of a study of
// storage, of filters, and of shards.
type Results struct {
	Records       []study.Record         // nil if the study was not run
	AsPublished   []study.Record         // nil if the condition study.AsPublished was not run
	Capacity      *capacity.Results      // nil if capacity.Run was not run
	Engines       *compare.Result        // nil if anncapacity engines was not run
	Cosine        *compare.Result        // nil if anncapacity engines --metric cosine was not run
	EngineFilters []compare.FilterRecord // nil if anncapacity engines --filters was not run
	Bulk          []compare.BulkRow      // nil if anncapacity engines --bulk was not run
	Words         []words.Record         // nil if the searches in word vectors (notebook 6) were not run
	Growth        []growth.Record        // nil if no growing numbers of points were measured
	Storage       []storage.Row          // nil if anncapacity storage study was not run
	Disk          []storage.DiskRow      // nil if no file on a disk was measured
	Filters       []filters.Row          // nil if the searches with filters (notebook 8) were not run

	Sharding   []sharding.Row       // nil if condition 4 (notebook 9) was not run
	Partitions []sharding.EngineRow // nil if partitions of PostgreSQL (notebook 9) were not searched
}

// Inputs returns the paths of all files in dir that figures are drawn from.
func Inputs(dir string) []string {
	all := []string{filepath.Join(dir, NormsFile), filepath.Join(dir, words.RecordsFile), filepath.Join(dir, growth.File), filepath.Join(dir, storage.RowsFile),
		filepath.Join(dir, storage.NetworksFile), filepath.Join(dir, storage.DiskFile), filepath.Join(dir, filters.File)}
	tables := slices.Concat(study.Tables(dir), capacity.Tables(dir), sharding.Tables(dir), (&compare.Result{}).Tables(dir),
		(&compare.Result{}).Tables(filepath.Join(dir, compare.CosineDir)))
	for _, t := range append(tables, compare.BulkTable(dir)) {
		all = append(all, t.Path)
	}
	return all
}

// ReadResults reads a folder with the records of a study, of a comparison of engines, of growing numbers of points, of a study of storage,
// of filters, or of shards. missing lists the files of the
// study that do not exist.
func ReadResults(dir string) (r *Results, missing []string, err error) {
	r = &Results{}
	var recordsErr, asPublishedErr, capacityErr error
	if r.Records, recordsErr = study.ReadRecords(filepath.Join(dir, study.RecordsFile)); recordsErr != nil {
		if !errors.Is(recordsErr, fs.ErrNotExist) {
			return nil, nil, recordsErr
		}
		missing = []string{study.RecordsFile}
	} else {
		r.AsPublished, asPublishedErr = study.ReadRecords(filepath.Join(dir, study.AsPublishedFile))
		r.Capacity, capacityErr = capacity.Read(dir)
	}
	for _, err := range []error{asPublishedErr, capacityErr} {
		var path *fs.PathError
		switch {
		case errors.Is(err, fs.ErrNotExist) && errors.As(err, &path):
			missing = append(missing, filepath.Base(path.Path))
		case err != nil:
			return nil, nil, err
		}
	}
	if err := r.readEngines(dir); err != nil {
		return nil, nil, err
	}
	if r.Records == nil && r.Engines == nil && r.Bulk == nil && r.Growth == nil && r.Storage == nil && r.Filters == nil && r.Sharding == nil {
		return nil, nil, recordsErr
	}
	return r, missing, nil
}

// readEngines reads the results other than those of a study, as far as there are any.
func (r *Results) readEngines(dir string) error {
	engines, enginesErr := compare.Read(dir)
	if enginesErr == nil {
		r.Engines = engines
	}
	cosine, cosineErr := compare.Read(filepath.Join(dir, compare.CosineDir))
	if cosineErr == nil {
		r.Cosine = cosine
	}
	restricted, restrictedErr := compare.ReadFilters(dir)
	bulk, bulkErr := compare.ReadBulk(dir)
	similar, similarErr := words.ReadRecords(filepath.Join(dir, words.RecordsFile))
	grown, grownErr := table.ReadRows[growth.Record](filepath.Join(dir, growth.File))
	stored, storedErr := table.ReadRows[storage.Row](filepath.Join(dir, storage.RowsFile))
	networks, networksErr := table.ReadRows[storage.Row](filepath.Join(dir, storage.NetworksFile))
	onDisk, diskErr := table.ReadRows[storage.DiskRow](filepath.Join(dir, storage.DiskFile))
	filtered, filteredErr := table.ReadRows[filters.Row](filepath.Join(dir, filters.File))
	sharded, shardedErr := sharding.Read(dir)
	partitions, partitionsErr := sharding.ReadEngine(dir)
	r.Bulk, r.Words, r.Growth, r.Storage, r.Disk, r.Filters = bulk, similar, grown, slices.Concat(stored, networks), onDisk, filtered
	r.Sharding, r.Partitions, r.EngineFilters = sharded, partitions, restricted
	for _, err := range []error{
		enginesErr, cosineErr, bulkErr, similarErr, grownErr, storedErr, networksErr, diskErr, filteredErr, shardedErr, partitionsErr, restrictedErr,
	} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// withoutTables returns why the figures of package capacity cannot be drawn, "" if they can.
func withoutTables(r *Results) string {
	return unless(r.Capacity != nil, "the tables of anncapacity study --explain are missing")
}

// unless returns why, or "" if there is true.
func unless(there bool, why string) string {
	if there {
		return ""
	}
	return why
}
