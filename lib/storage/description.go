package storage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/postings"
	"anncapacity/lib/storage/stop"
)

// version is the version of index.json.
const version = 2

// Description is the content of index.json.
type Description struct {
	Version     int    `json:"version"`
	Way         string `json:"way"`
	Seed        uint64 `json:"seed"`
	N           int    `json:"n"`             // base vectors
	D           int    `json:"d"`             // numbers of a vector
	Width       int    `json:"number_bytes"`  // 1 for uint8, 4 for float32
	Units       int    `json:"units"`         // clusters or pages
	Stored      int    `json:"stored"`        // vectors of all units, copies included
	MemoryBytes int64  `json:"memory_bytes"`  // that a search keeps in memory
	Learn       int    `json:"learn"`         // learn queries that were available for training
	LearnInBase int    `json:"learn_in_base"` // learn queries that were left out because they are base vectors
	Calibrated  int    `json:"calibrated"`    // learn queries that were held out and calibrated the search
	Base        string `json:"base_sha256"`   // of the type, the shape and the numbers of the base
	Layout      string `json:"layout_sha256"`
	Order       string `json:"order_sha256"` // of order.bin

	Calibration []Calibration `json:"calibration"`

	SHA256 string `json:"sha256"` // of the file, with an empty string in this place
}

// Calibration is the effort and the recall of the held-out learn queries at every threshold of a rule.
type Calibration struct {
	K       int           `json:"k"`
	Rule    string        `json:"rule"`
	Efforts []stop.Effort `json:"efforts"`
}

// seal adds the hashes and the memory.
func (d *Description) seal(content []byte, file *postings.File, units order.Order) {
	sum := sha256.Sum256(content)
	d.Order = hex.EncodeToString(sum[:])
	d.Base, d.Layout = hex.EncodeToString(file.Base[:]), hex.EncodeToString(file.Layout[:])
	d.MemoryBytes = units.MemoryBytes() + file.MemoryBytes()
}

// encode returns the content of index.json, with the hash of the other fields.
func (d *Description) encode() ([]byte, error) {
	d.SHA256 = ""
	content, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append(content, '\n'))
	d.SHA256 = hex.EncodeToString(sum[:])
	content, err = json.MarshalIndent(d, "", " ")
	return append(content, '\n'), err
}

func (d *Description) write(folder string) error {
	content, err := d.encode()
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(folder, indexFile), content)
}

func writeFile(path string, content []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// readDescription reads index.json of a folder. It is an error if a byte differs from those that write wrote.
func readDescription(folder string) (*Description, error) {
	path := filepath.Join(folder, indexFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("storage: %s is not a complete index: %w; `anncapacity storage build` builds one", folder, err)
	}
	if err != nil {
		return nil, err
	}
	var d Description
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("%s: damaged, or not of an index: %w", path, err)
	}
	if d.Version != version {
		return nil, fmt.Errorf("%s: version %d, this program reads version %d", path, d.Version, version)
	}
	if content, err := d.encode(); err != nil || !bytes.Equal(content, data) {
		return nil, fmt.Errorf("%s: damaged: its content and its SHA-256 differ", path)
	}
	return &d, nil
}

// ErrRecall is the error of a search for a recall that no calibrated effort has.
var ErrRecall = errors.New("the index was not calibrated for the recall")

// calibration returns the calibration with the fewest vectors for a recall at k, among those of the smallest calibrated number of
// neighbours that is at least k.
func (d *Description) calibration(k int, recall float64) (c Calibration, e stop.Effort, err error) {
	if k < 1 || k > d.N {
		return c, e, fmt.Errorf("storage: k = %d: must be between 1 and %d, the number of vectors", k, d.N)
	}
	if !(recall > 0 && recall <= 1) {
		return c, e, fmt.Errorf("storage: recall %v: must be above 0 and at most 1", recall)
	}
	err = fmt.Errorf("storage: the index is not calibrated for k = %d; build it with -ks that include it", k)
	for _, x := range d.Calibration {
		if x.K < k || c.K != 0 && x.K > c.K {
			continue
		}
		effort, failed := stop.Calibrate(x.Efforts, recall)
		switch {
		case failed != nil && (c.K == 0 || x.K < c.K):
			c, e, err = Calibration{K: x.K}, stop.Effort{}, fmt.Errorf("storage: k = %d: %w: %w", k, ErrRecall, failed)
		case failed == nil && (err != nil || x.K < c.K || effort.Vectors < e.Vectors):
			c, e, err = x, effort, nil
		}
	}
	return c, e, err
}
