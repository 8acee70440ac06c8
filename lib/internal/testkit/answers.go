package testkit

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Names of entries of an archive: the question, and the output of the script. The other entries are the files that it wrote.
const question, stdout = "QUESTION", "STDOUT"

// index is a list of files that some scripts write. It is committed regardless of its size, and may list files that are not
// committed.
const index = "index.tsv"

// files returns the content of every file in the question's folder, by its path there.
func (q Question) files(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(q.Folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(q.Folder, path)
		if err != nil {
			return err
		}
		all[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// text returns a description of the question: the script, its arguments, and a hash of its input.
func (q Question) text(input map[string][]byte) []byte {
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(input)) {
		fmt.Fprintf(hash, "%s %d\n%s", name, len(input[name]), input[name])
	}
	return fmt.Appendf(nil, "%s %s\n%d files of input, SHA-256 %s\n", q.Script, strings.Join(q.Args, " "), len(input), hex.EncodeToString(hash.Sum(nil)))
}

// answered returns the content of the archive of a question whose script has run. It leaves out the input files, before, and
// files that are too large.
func (q Question) answered(t testing.TB, before map[string][]byte, printed []byte) map[string][]byte {
	t.Helper()
	answer, after, large := map[string][]byte{question: q.text(before), stdout: printed}, q.files(t), map[string]bool{}
	for name, content := range after {
		if name == index {
			continue
		}
		large[stem(name)] = large[stem(name)] || q.Largest > 0 && int64(len(content)) > q.Largest
	}
	for name, content := range after {
		if _, input := before[name]; !input && !large[stem(name)] {
			answer[name] = content
		}
	}
	return answer
}

// stem returns the part of a file name before its first dot, which a file and the files derived from it have in common.
func stem(name string) string {
	first, _, _ := strings.Cut(name, ".")
	return first
}

func (q Question) archive(t testing.TB) string {
	t.Helper()
	return filepath.Join(Root(t), "lib", "internal", "testkit", "answers", q.Name+".tar.zst")
}

// pack writes an answer to its archive: a tar archive, sorted by name and without dates, compressed by Zstandard.
func (q Question) pack(t testing.TB, answer map[string][]byte) {
	t.Helper()
	var packed bytes.Buffer
	compressor, err := zstd.NewWriter(&packed, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(zstd.MaxWindowSize>>3), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewWriter(compressor)
	for _, name := range slices.Sorted(maps.Keys(answer)) {
		err = errors.Join(err, archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(answer[name]))}))
		_, failed := archive.Write(answer[name])
		err = errors.Join(err, failed)
	}
	if err = errors.Join(err, archive.Close(), compressor.Close()); err == nil {
		err = os.WriteFile(q.archive(t), packed.Bytes(), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// committed returns the content of the question's archive.
func (q Question) committed(t testing.TB) map[string][]byte {
	t.Helper()
	file, err := os.Open(q.archive(t))
	if err != nil {
		t.Fatalf("%v: run `go test -record` on a machine with the peers to write it", err)
	}
	defer file.Close()
	unpacked, err := zstd.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer unpacked.Close()
	answer, archive := map[string][]byte{}, tar.NewReader(unpacked)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			return answer
		}
		if err == nil {
			answer[header.Name], err = io.ReadAll(archive)
		}
		if err != nil {
			t.Fatalf("%s: %v", q.archive(t), err)
		}
	}
}

// unpack writes the files of the committed answer to the question's folder and returns what the script printed. The test fails
// if the committed answer belongs to another question or input.
func (q Question) unpack(t testing.TB, input map[string][]byte) (printed []byte) {
	t.Helper()
	answer := q.committed(t)
	if asked := q.text(input); !bytes.Equal(asked, answer[question]) {
		t.Fatalf("%s answers another question: run `go test -record` on a machine with the peers\nasked    %s\nanswered %s", q.archive(t), asked, answer[question])
	}
	printed = answer[stdout]
	delete(answer, question)
	delete(answer, stdout)
	writeFiles(t, q.Folder, answer)
	return printed
}

func writeFiles(t testing.TB, folder string, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// compare reports an error if the answer now differs from the committed answer.
func (q Question) compare(t testing.TB, now map[string][]byte) {
	t.Helper()
	then := q.committed(t)
	for _, name := range slices.Sorted(maps.Keys(then)) {
		if !same(then[name], now[name]) {
			t.Errorf("%s: %s differs from the answer of the installed peers; `go test -record` replaces it", q.archive(t), name)
		}
	}
	for name := range now {
		if _, ok := then[name]; !ok {
			t.Errorf("%s lacks %s; `go test -record` replaces the archive", q.archive(t), name)
		}
	}
}
