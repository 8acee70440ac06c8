package embedding

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"anncapacity/lib/ann"
)

// Every reader rejects pipes, sockets, devices and folders without waiting for their other end.
func TestOnlyRegularFilesAreOpened(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir) // because the path of a socket must be short
	if err := os.WriteFile("e.npy", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for kind, make := range map[string]func(path string) error{
		"a named pipe": func(path string) error { return syscall.Mkfifo(path, 0o644) },
		"a folder":     func(path string) error { return os.Mkdir(path, 0o755) },
		"a device":     func(path string) error { return os.Symlink("/dev/zero", path) },
		"a socket":     func(path string) error { _, err := net.Listen("unix", path); return err },
	} {
		for _, name := range []string{"x.npy", "x.fvecs", "x.bvecs", "x.fbin", "x.parquet", "x.hdf5", "x.csv", "x.ivecs"} {
			os.RemoveAll(name)
			if err := make(name); err != nil {
				t.Fatal(err)
			}
			_, err := Open(name)
			switch name {
			case "x.csv":
				_, err = OpenRows("x.npy")
			case "x.parquet":
				if _, err := OpenStrings(name); err == nil || !strings.Contains(err.Error(), "not a regular file") {
					t.Errorf("strings of %s: %v", kind, err)
				}
			case "x.ivecs":
				_, err = OpenTruth(name)
			}
			want := name + ": is " + kind + ", not a regular file"
			if kind == "a folder" && name == "x.parquet" {
				want = name + ": is a folder without .parquet or .pq files"
			}
			if err == nil || err.Error() != want {
				t.Errorf("%v; want %q", err, want)
			}
		}
	}
}

func TestOpenFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	v := ann.Vectors{N: 1, D: 2, Data: []float32{1, 2}}
	if err := Write(filepath.Join(dir, "e.npy"), v, make([]Row, 1)); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.npy")
	if err := os.Symlink("e.npy", link); err != nil {
		t.Fatal(err)
	}
	if got, err := Open(link); err != nil || !slices.Equal(got.Data, v.Data) {
		t.Errorf("%v, %v", got, err)
	}
}

// A file that becomes shorter, longer or different after it was opened is an error.
func TestFilesThatChangeWhileTheyAreRead(t *testing.T) {
	rows := bytes.Repeat([]byte("\x02\x00\x00\x00\x00\x00\x80\x3f\x00\x00\x00\x40"), 5)
	header := "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 2)}"
	npy := append([]byte(npyMagic+"\x01\x00"+string(rune(len(header)))+"\x00"+header), make([]byte, 40)...)
	for name, data := range map[string][]byte{"e.npy": npy, "e.fvecs": rows} {
		path := filepath.Join(t.TempDir(), name)
		for _, c := range []struct {
			more int
			says string
		}{{-12, "EOF"}, {12, "was changed while it was read"}} { // longer in the end
			size := int64(len(data) + c.more)
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
			s, err := openSource(path, "", io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := os.Truncate(path, size); err != nil {
				t.Fatal(err)
			}
			f, _ := formatOf(path)
			if _, err := s.read(f); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s of %d bytes now has %d: %v", name, len(data), size, err)
			}
		}
		if _, err := Open(path); name == "e.npy" && err != nil {
			t.Error(err)
		}
	}
}

func TestFilesThatAreNotReadByTheirNames(t *testing.T) {
	for name, says := range map[string]string{
		"e.npz": "numpy.load('FILE.npz')['NAME']", "e.npz:x": "numpy.load('FILE.npz')['NAME']", "e.ivecs": "IDs of neighbours", "e.ibin": "IDs of neighbours", "e.npy.gz": "gzip -d", "e": ".npy, .fvecs, .bvecs, .fbin, .u8bin, .i8bin, .parquet",
		"e.txt": ".npy, .fvecs, .bvecs, .fbin, .u8bin, .i8bin, .parquet", "": ".npy, .fvecs, .bvecs, .fbin, .u8bin, .i8bin, .parquet", "e.npy:x": `there is no "x" to choose`,
	} {
		if _, err := Open(name); err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%q: %v; want %q", name, err, says)
		}
	}
}

// vecsOf returns rows of d numbers, each preceded by the dimension.
func vecsOf[T any](order binary.ByteOrder, d int, numbers []T) []byte {
	var data []byte
	for row := range slices.Chunk(numbers, d) {
		data, _ = binary.Append(data, order, int32(d))
		data, _ = binary.Append(data, order, row)
	}
	return data
}

func TestVecsOfOtherKindsAreNamed(t *testing.T) {
	floats := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	little, big := binary.ByteOrder(binary.LittleEndian), binary.ByteOrder(binary.BigEndian)
	path := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for says, file := range map[string]string{
		"in big-endian order it would be 4":                 path("e.fvecs", vecsOf(big, 4, floats)),
		"fits rows of 4 uint8 numbers: is it a .bvecs file": path("e.fvecs", vecsOf(little, 4, make([]uint8, 12))),
		"fits rows of 4 float32 numbers: is it a .fvecs":    path("e.bvecs", vecsOf(little, 4, floats)),
		"are these the IDs of an .ivecs file":               path("e.fvecs", vecsOf(little, 3, []int32{0, 1, 2, 200_000_000, 4, 5})),
		"row 1 has 2 dimensions":                            path("e.fvecs", append(vecsOf(little, 4, floats[:4]), vecsOf(little, 2, floats)...)),
		"is an HDF5 file by its first bytes, not .fvecs":    path("e.fvecs", []byte("\x89HDF\r\n\x1a\n and more")),
		"is a NumPy array by its first bytes, not .hdf5":    path("e.h5", []byte(npyMagic+"\x01\x00")),
		"compressed by gzip by its first bytes, not .parqu": path("e.pq", []byte("\x1f\x8b\x08\x00")),
		"row 0, column 1 is NaN":                            path("e.fvecs", vecsOf(little, 2, []float32{1, float32(math.NaN())})),
	} {
		if _, err := Open(file); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
}

// One vector, vectors of zeros, and a dimension of maxDimension are read.
func TestVecsLimits(t *testing.T) {
	for _, data := range [][]float32{{7}, {0}, {1e-40, 1}, make([]float32, maxDimension)} {
		path := filepath.Join(t.TempDir(), "e.fvecs")
		if err := os.WriteFile(path, vecsOf(binary.LittleEndian, len(data), data), 0o644); err != nil {
			t.Fatal(err)
		}
		if v, err := Open(path); err != nil || v.N != 1 || !slices.Equal(v.Data, data) {
			t.Errorf("%d × %d, %v", v.N, v.D, err)
		}
	}
}
