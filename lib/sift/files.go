package sift

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"path/filepath"

	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/atomicfile"
)

// Outputs returns the files that Write writes into a folder: base.bvecs, learn.bvecs, query.bvecs and sift.json.
func Outputs(folder string) []string {
	var paths []string
	for _, name := range names {
		paths = append(paths, filepath.Join(folder, name+".bvecs"))
	}
	return append(paths, filepath.Join(folder, "sift.json"))
}

// Record is the content of sift.json: how the sets were made.
type Record struct {
	Version      int                  `json:"version"` // of this format: 1
	Dataset      string               `json:"dataset"`
	Images       int                  `json:"images"` // photographs in the dataset
	Seed         uint64               `json:"seed"`
	Warps        int                  `json:"warps"` // of each photograph of the learn set
	Settings     Settings             `json:"settings"`
	OpenCV       string               `json:"opencv"`
	NumPy        string               `json:"numpy"`
	ScriptSHA256 string               `json:"script_sha256"`
	Sets         map[string]RecordSet `json:"sets"` // base, learn and query
}

// RecordSet describes one set and its file.
type RecordSet struct {
	Vectors     int    `json:"vectors"`
	Photographs int    `json:"photographs"`
	Found       int    `json:"descriptors_found"`
	InBase      int    `json:"dropped_in_base"`
	InLearn     int    `json:"dropped_in_learn"`
	SHA256      string `json:"sha256"` // of the file
}

// Write writes the sets to the files of Outputs: all or none. Existing files are replaced.
func (s *Sets) Write(folder string, o Options) error {
	record := Record{
		Version: 1, Dataset: o.Dataset.Name(), Images: o.Dataset.Len(), Seed: o.Seed, Warps: o.Warps, Settings: s.Settings,
		OpenCV: s.OpenCV, NumPy: s.NumPy, ScriptSHA256: hashOf(script), Sets: map[string]RecordSet{},
	}
	paths := Outputs(folder)
	var files []atomicfile.File
	for i, set := range s.all() {
		files = append(files, atomicfile.File{Path: paths[i], Write: func(w io.Writer) error {
			hash := sha256.New()
			to := bufio.NewWriterSize(io.MultiWriter(w, hash), 1<<20)
			if err := embedding.EncodeBytes(to, set.Vectors); err != nil {
				return err
			}
			err := to.Flush()
			record.Sets[names[i]] = RecordSet{
				Vectors: set.Vectors.N, Photographs: set.Photographs, Found: set.Found, InBase: set.InBase, InLearn: set.InLearn,
				SHA256: hex.EncodeToString(hash.Sum(nil)),
			}
			return err
		}})
	}
	// The files are written in this order, so that the record has the hashes.
	files = append(files, atomicfile.File{Path: paths[len(names)], Write: func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(record)
	}})
	return atomicfile.WriteAll(files...)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
