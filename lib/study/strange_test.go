package study

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/fidelity"
)

// Unusual but valid sets give measures within their ranges, and no undefined values of measures that are always defined.
func TestStrangeSets(t *testing.T) {
	sets := map[string]func(v ann.Vectors){
		"a constant dimension": func(v ann.Vectors) {
			for i := range v.N {
				v.Row(i)[3] = 7
			}
		},
		"a thousand duplicates": func(v ann.Vectors) {
			for i := range 1000 {
				copy(v.Row(i), v.Row(0))
			}
		},
		"all but one dimension constant": func(v ann.Vectors) {
			for i := range v.N {
				clear(v.Row(i)[1:])
			}
		},
		"huge coordinates": func(v ann.Vectors) {
			for i := range v.Data {
				v.Data[i] *= 1e15
			}
		},
	}
	for name, change := range sets {
		o := Options{Embeddings: vectorsChanged(t, 1300, change), Out: t.TempDir(), Runs: 1, Subset: 1200}
		records, err := Run(context.Background(), o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, r := range records {
			if !within(r.Of(fidelity.Overlap.Mean), 0) || !within(r.Of(fidelity.Fill.Mean), 1e-9) || math.IsNaN(r.Of(fidelity.Distance.Mean)) || math.IsInf(r.Of(fidelity.LID.ExactMean), 0) {
				t.Errorf("%s: %+v", name, r)
				break
			}
		}
	}
}

// within reports whether a share is at least low and at most 1.
func within(x, low float64) bool { return x >= low && x <= 1 }

// Under the cosine the lengths of the vectors change nothing: the records are those of the unit vectors under the Euclidean metric.
func TestCosine(t *testing.T) {
	var records [][]byte
	for _, metric := range []ann.Metric{ann.Euclidean, ann.Cosine} {
		path := vectorsChanged(t, 700, func(v ann.Vectors) {
			unit, err := ann.Normalized(v)
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range v.Data {
				if v.Data[i] = unit.Data[i]; metric == ann.Cosine {
					v.Data[i] = float32(math.Ldexp(float64(x), i/v.D%7-3)) // lengths that differ by powers of two
				}
			}
		})
		o := Options{Embeddings: path, Metric: metric, Out: t.TempDir(), Runs: 1, Subset: 600, Conditions: []string{"1"}}
		if _, err := Run(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		records = append(records, recordsOf(t, o.Out))
	}
	if !bytes.Equal(records[0], records[1]) {
		t.Error("the records differ")
	}
	if _, err := Open(context.Background(), Options{Metric: ann.InnerProduct}, nil); err == nil || !strings.Contains(err.Error(), "metric inner product") {
		t.Error(err)
	}
}

func TestOneDimensionalVectors(t *testing.T) {
	v := ann.Vectors{N: 700, D: 1, Data: make([]float32, 700)}
	for i := range v.Data {
		v.Data[i] = float32(i * i % 977)
	}
	path := filepath.Join(t.TempDir(), "line.npy")
	if err := embedding.Write(path, v, make([]embedding.Row, v.N)); err != nil {
		t.Fatal(err)
	}
	records, err := Run(context.Background(), Options{Embeddings: path, Out: t.TempDir(), Runs: 1, Subset: 600, Conditions: []string{"3"}})
	if err != nil {
		t.Fatal(err)
	}
	last := records[len(records)-1] // alpha 4, k 500
	if lid := last.Of(fidelity.LID.ExactMean); last.Of(fidelity.Overlap.Mean) < .99 || lid < .5 || lid > 2 {
		t.Errorf("on a line, whose dimension is one: %+v", last)
	}
}

// Embeddings of another type whose values are exact in float32 give the same records, and one line that reports the
// conversion.
func TestEmbeddingsOfAnotherType(t *testing.T) {
	single := vectors(t, 700)
	v, err := embedding.Open(single)
	if err != nil {
		t.Fatal(err)
	}
	data := []byte("\x93NUMPY\x01\x00\x80\x00" + fmt.Sprintf("%-127s\n", "{'descr': '>f8', 'fortran_order': False, 'shape': (700, 16)}"))
	for _, x := range v.Data {
		data = binary.BigEndian.AppendUint64(data, math.Float64bits(float64(x)))
	}
	double := filepath.Join(t.TempDir(), "double.npy")
	if err := os.WriteFile(double, data, 0o644); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	var records [2][]byte
	for i, path := range []string{single, double} {
		o := Options{Embeddings: path, Out: t.TempDir(), Runs: 1, Subset: 600, Conditions: []string{"1"}, Progress: &output}
		if _, err := Run(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		records[i] = recordsOf(t, o.Out)
	}
	if !bytes.Equal(records[0], records[1]) {
		t.Error("float64 embeddings give other records than the same in float32")
	}
	if n := strings.Count(output.String(), "float64 converted to float32, every value exactly\n"); n != 1 {
		t.Errorf("the conversion is reported %d times", n)
	}
}

func TestEmbeddingsThatAreNotFinite(t *testing.T) {
	for name, bad := range map[string]float32{"NaN": float32(math.NaN()), "Inf": float32(math.Inf(1))} {
		path := vectorsChanged(t, 700, func(v ann.Vectors) { v.Row(13)[5] = bad })
		_, err := Run(context.Background(), Options{Embeddings: path, Out: t.TempDir(), Subset: 600})
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "row 13, column 5") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A stored part of another version, or a damaged one, is an error that names the file.
func TestDamagedPart(t *testing.T) {
	o := Options{Embeddings: vectors(t, 700), Out: t.TempDir(), Runs: 1, Subset: 600, Conditions: []string{"1"}}
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob(filepath.Join(o.Out, "parts", "*", "*.csv"))
	if err != nil || len(parts) != 1 {
		t.Fatal(parts, err)
	}
	if err := os.WriteFile(parts[0], []byte("index,run\nhnsw,0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), parts[0]) {
		t.Errorf("a part of another version: %v", err)
	}
}

// On a full disk a study returns an error that names the file and keeps the stored runs. When there is room again, it
// resumes.
func TestFullDisk(t *testing.T) {
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=120k"); err != nil {
		t.Skipf("a small disk needs the right to mount one: %v", err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	o := Options{Embeddings: vectors(t, 700), Out: disk, Runs: 3, Subset: 600, Conditions: []string{"1"}}
	_, err := Run(context.Background(), o)
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), disk) {
		t.Fatalf("on a full disk: %v", err)
	}
	kept, _ := filepath.Glob(filepath.Join(disk, "parts", "*", "*.csv"))
	if len(kept) == 0 {
		t.Fatal("no run was kept")
	}
	for _, part := range kept {
		if records, err := ReadRecords(part); err != nil || len(records) != 200 {
			t.Errorf("%s: %d records, %v", part, len(records), err)
		}
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=2m"); err != nil {
		t.Fatal(err)
	}
	if records, err := Run(context.Background(), o); err != nil || len(records) != 600 {
		t.Errorf("with room again: %d records, %v", len(records), err)
	}
}

// TestMain is also the program that TestKill kills.
func TestMain(m *testing.M) {
	if embeddings := os.Getenv("STUDY_EMBEDDINGS"); embeddings != "" {
		if _, err := Run(context.Background(), killed(embeddings, os.Getenv("STUDY_OUT"))); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func killed(embeddings, out string) Options {
	return Options{Embeddings: embeddings, Out: out, Runs: 2, Subset: 650}
}

// After kill -9, a study resumes from the stored runs and gives the same records.
func TestKill(t *testing.T) {
	path, out, whole := vectors(t, 700), t.TempDir(), t.TempDir()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), "STUDY_EMBEDDINGS="+path, "STUDY_OUT="+out)
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if parts, _ := filepath.Glob(filepath.Join(out, "parts", "*", "*.csv")); len(parts) >= 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no part was written")
		}
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	program.Wait()
	if _, err := os.Stat(filepath.Join(out, RecordsFile)); err == nil {
		t.Skip("the study ended before it was killed")
	}
	for _, o := range []Options{killed(path, out), killed(path, whole)} {
		if _, err := Run(context.Background(), o); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(recordsOf(t, out), recordsOf(t, whole)) {
		t.Error("the records of a killed and resumed study differ")
	}
}
