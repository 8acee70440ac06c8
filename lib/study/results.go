package study

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// Results are what Run and Explain left in a folder.
type Results struct {
	Records     []Record
	AsPublished []Record     // nil where the condition AsPublished was not run
	Explanation *Explanation // nil where Explain was not run
}

// ReadResults reads a folder. Its records must be there; missing names the other files that are not.
func ReadResults(dir string) (r *Results, missing []string, err error) {
	r = &Results{}
	if r.Records, err = ReadRecords(filepath.Join(dir, RecordsFile)); err != nil {
		return nil, nil, err
	}
	asPublished, asPublishedErr := ReadRecords(filepath.Join(dir, AsPublishedFile))
	explanation, explanationErr := ReadExplanation(dir)
	r.AsPublished, r.Explanation = asPublished, explanation
	for _, err := range []error{asPublishedErr, explanationErr} {
		var path *fs.PathError
		switch {
		case errors.Is(err, fs.ErrNotExist) && errors.As(err, &path):
			missing = append(missing, filepath.Base(path.Path))
		case err != nil:
			return nil, nil, err
		}
	}
	return r, missing, nil
}
