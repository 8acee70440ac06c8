package figure

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"anncapacity/lib/compare"
	"anncapacity/lib/study"
	"anncapacity/lib/words"
)

// Results are what figures are drawn from: those of a study, and what was measured of other engines beside it.
type Results struct {
	*study.Results
	Engines *compare.Result   // nil where anncapacity engines was not run
	Bulk    []compare.BulkRow // nil where anncapacity engines -bulk was not run
	Words   []words.Record    // nil where notebook 6 had no word vectors
}

// Inputs are the files of a folder that figures are drawn from.
func Inputs(dir string) []string {
	all := []string{filepath.Join(dir, NormsFile), filepath.Join(dir, words.RecordsFile)}
	tables := slices.Concat(study.Tables(dir), (&study.Explanation{}).Tables(dir), (&compare.Result{}).Tables(dir))
	for _, t := range append(tables, compare.BulkTable(dir)) {
		all = append(all, t.Path)
	}
	return all
}

// ReadResults reads a folder that holds a study, a comparison of engines or both; missing names the files of the study that
// are not there.
func ReadResults(dir string) (r *Results, missing []string, err error) {
	of, missing, studyErr := study.ReadResults(dir)
	if studyErr != nil && !errors.Is(studyErr, fs.ErrNotExist) {
		return nil, nil, studyErr
	}
	if of == nil {
		of, missing = &study.Results{}, []string{study.RecordsFile}
	}
	r = &Results{Results: of}
	if err := r.readEngines(dir); err != nil {
		return nil, nil, err
	}
	if r.Records == nil && r.Engines == nil && r.Bulk == nil {
		return nil, nil, studyErr
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

// withoutTables is why what explains the study cannot be drawn, or empty.
func withoutTables(r *Results) string {
	return unless(r.Explanation != nil, "the tables of anncapacity study -explain are missing")
}

func unless(there bool, why string) string {
	if there {
		return ""
	}
	return why
}
