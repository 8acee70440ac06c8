package postings

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/walk"
)

// TestMain is also the programs of TestKill and TestMemoryOfAReader, which get the path of a file in the environment.
func TestMain(m *testing.M) {
	var err error
	if path := os.Getenv("POSTINGS_CREATE"); path != "" {
		err = createSlowly(path)
	} else if path := os.Getenv("POSTINGS_READ"); path != "" {
		err = readWhole(path)
	} else {
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// createSlowly writes a file. It prints a line when each sixth is written, and waits.
func createSlowly(path string) error {
	base := randomBytes(31*reportPages*6, 128, 8)
	in := bufio.NewReader(os.Stdin)
	return Create(context.Background(), path, base, inPages(base.N, 31), CreateOptions{Replace: true, Progress: func(share float64) {
		fmt.Println(share)
		in.ReadByte()
	}})
}

// whole is what readWhole prints.
type whole struct {
	Found      ann.Neighbors
	Cost       Cost
	MostMemory int64 // of the process, in kB
}

// readWhole finds the neighbours of the zero vector in all units.
func readWhole(path string) error {
	f, err := Open(path, Options{})
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := walk.NewScan(f.D, 10)
	if err != nil {
		return err
	}
	if err := s.Reset(ann.Query{Vector: make([]float32, f.D)}); err != nil {
		return err
	}
	var w whole
	if err := f.Read(context.Background(), all(f.Units), &w.Cost, func(u walk.Unit) error { s.Add(u); return nil }); err != nil {
		return err
	}
	w.Found = s.Append(nil)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, most, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(most, &w.MostMemory); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(w)
}

// A process that reads all of 10⁶ × 128 bytes, 132 MB, and finds the nearest vectors needs less than 64 MB of memory, the
// program included.
func TestMemoryOfAReader(t *testing.T) {
	base := randomBytes(1_000_000, 128, 9)
	var want ann.Neighbors
	for i := range 10 { // vectors with one number that is not zero
		id := 99_991 * (10 - i)
		clear(base.Bytes[id*128 : (id+1)*128])
		base.Bytes[id*128+i] = uint8(i + 1)
		want = append(want, ann.Neighbor{ID: int32(id), Distance: float32(i + 1)})
	}
	for name, l := range map[string]int{"pages": 31, "clusters of 64 pages": 1985} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "GOMEMLIMIT=256MiB", "POSTINGS_READ="+created(t, base, inPages(base.N, l)))
		out, err := cmd.Output()
		var w whole
		if err == nil {
			err = json.Unmarshal(out, &w)
		}
		if err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
		if w.MostMemory < 1000 || w.MostMemory > 64_000 || w.Cost.Vectors != int64(base.N) {
			t.Errorf("%s: %d kB of memory, %+v", name, w.MostMemory, w.Cost)
		}
		t.Logf("%s: %d kB of memory", name, w.MostMemory)
		if !slices.Equal(w.Found, want) {
			t.Errorf("%s: %v, want %v", name, w.Found, want)
		}
	}
}
