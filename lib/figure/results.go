package figure

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"anncapacity/lib/capacity"
	"anncapacity/lib/compare"
	"anncapacity/lib/study"
	"anncapacity/lib/words"
)

// Results are what figures are drawn from: those of a study, and what was measured of other engines beside it.
type Results struct {
	Records     []study.Record    // nil where the study was not run
	AsPublished []study.Record    // nil where the condition study.AsPublished was not run
	Capacity    *capacity.Results // nil where capacity.Run was not run
	Engines     *compare.Result   // nil where anncapacity engines was not run
	Bulk        []compare.BulkRow // nil where anncapacity engines -bulk was not run
	Words       []words.Record    // nil where notebook 6 had no word vectors
}

// Inputs are the files of a folder that figures are drawn from.
func Inputs(dir string) []string {
	all := []string{filepath.Join(dir, NormsFile), filepath.Join(dir, words.RecordsFile)}
	tables := slices.Concat(study.Tables(dir), capacity.Tables(dir), (&compare.Result{}).Tables(dir))
	for _, t := range append(tables, compare.BulkTable(dir)) {
		all = append(all, t.Path)
	}
	return all
}

// ReadResults reads a folder that holds a study, a comparison of engines or both; missing names the files of the study that
// are not there.
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
	if r.Records == nil && r.Engines == nil && r.Bulk == nil {
		return nil, nil, recordsErr
	}
	return r, missing, nil
}

// readEngines reads what there is beside a study.
func (r *Results) readEngines(dir string) error {
	engines, enginesErr := compare.Read(dir)
	if enginesErr == nil {
		r.Engines = engines
	}
	bulk, bulkErr := compare.ReadBulk(dir)
	similar, similarErr := words.ReadRecords(filepath.Join(dir, words.RecordsFile))
	r.Bulk, r.Words = bulk, similar
	for _, err := range []error{enginesErr, bulkErr, similarErr} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// withoutTables returns why the figures of package capacity cannot be drawn; empty where they can.
func withoutTables(r *Results) string {
	return unless(r.Capacity != nil, "the tables of anncapacity study --explain are missing")
}

func unless(there bool, why string) string {
	if there {
		return ""
	}
	return why
}
