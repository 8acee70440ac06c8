package storage

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"anncapacity/lib/internal/progress"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/postings"
)

// stageFolder is the name of a folder in the folder of an index that is being built. It holds checkpoints and the files of the new
// index until all are complete.
const stageFolder = "unfinished"

// stage is an index that is being built.
type stage struct {
	out, folder string
	lock        *os.File
}

// openStage creates the folders and locks the stage. It is an error if out holds an index that may not be replaced, or files that
// are not of an index, or if another process has locked the stage.
func openStage(out string, replace bool) (*stage, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	if err := checkOut(out, replace); err != nil {
		return nil, err
	}
	s := &stage{out: out, folder: filepath.Join(out, stageFolder)}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return nil, err
	}
	var err error
	if s.lock, err = os.Open(s.folder); err != nil {
		return nil, err
	}
	if errors.Is(syscall.Flock(int(s.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK) {
		s.close()
		return nil, fmt.Errorf("another process builds an index in %s", out)
	}
	return s, nil // without a lock if the file system has none
}

// checkOut returns an error if out holds an index that may not be replaced, or if it holds no index but other files. The files of
// an index without index.json are left by an interruption only if there is a stage.
func checkOut(out string, replace bool) error {
	_, err := os.Stat(filepath.Join(out, indexFile))
	if err == nil {
		if !replace {
			return fmt.Errorf("%s is an index already; set -replace to build it again, or choose another folder", out)
		}
		if _, err := readDescription(out); err != nil {
			return fmt.Errorf("%w; it is not replaced", err)
		}
		return nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		return err
	}
	_, err = os.Stat(filepath.Join(out, stageFolder))
	staged := err == nil
	for _, e := range entries {
		name := e.Name()
		if name != stageFolder && !(staged && (name == orderFile || name == vectorsFile)) {
			return fmt.Errorf("%s holds %s, which is not of an index that is being built; choose another folder", out, name)
		}
	}
	return nil
}

// write writes the files of the index to the stage.
func (s *stage) write(ctx context.Context, o Options, d *Description, l layout.Layout, units order.Order) error {
	content, err := units.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return err
	}
	bar := progress.New(o.Progress, "writing the vectors", 100, "")
	defer bar.Stop()
	path := filepath.Join(s.folder, vectorsFile)
	if err := postings.Create(ctx, path, o.Base, l, postings.CreateOptions{Replace: true, Progress: bar.SetShare}); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(s.folder, orderFile), content); err != nil {
		return err
	}
	file, err := postings.Open(path, postings.Options{})
	if err != nil {
		return err
	}
	defer file.Close()
	d.seal(content, file, units)
	return d.write(s.folder)
}

// publish moves the files of the index to their places and removes the stage.
func (s *stage) publish() error {
	if err := removeFile(filepath.Join(s.out, indexFile)); err != nil {
		return err
	}
	for _, name := range []string{vectorsFile, orderFile, indexFile} {
		if err := os.Rename(filepath.Join(s.folder, name), filepath.Join(s.out, name)); err != nil {
			return err
		}
	}
	return os.RemoveAll(s.folder)
}

// clean removes the files of the new index from the stage, and the stage if it holds no checkpoints.
func (s *stage) clean() error {
	var err error
	for _, name := range []string{vectorsFile, orderFile, indexFile} {
		err = errors.Join(err, removeFile(filepath.Join(s.folder, name)))
	}
	_ = os.Remove(s.folder) // fails if there are checkpoints
	return err
}

func (s *stage) close() { s.lock.Close() }

// removeFile removes a file that may not exist.
func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
