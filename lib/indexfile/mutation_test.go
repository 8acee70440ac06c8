package indexfile

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

var mutations = flag.Int("mutations", 3000, "number of changed files of TestChangedFiles")

// TestChangedFiles changes the committed files at random: numbers, lengths and cuts. It asserts what FuzzRead asserts, and runs
// in every test.
func TestChangedFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var files [][]byte
	for _, c := range committed {
		files = append(files, bytesOf(t, c.version, c.kind))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read, most := 0, uint64(0)
	for range *mutations {
		i := rng.IntN(len(files))
		data := changed(rng, files[i])
		if x, err := readKind(data, committed[i].kind); err == nil {
			searchOne(t, x)
			read++
		}
		most += largestAllocation(data)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > most {
		t.Errorf("%d bytes allocated; at most %d expected", allocated, most)
	}
	if t.Logf("%d of %d changed files are read", read, *mutations); read == 0 || read == *mutations {
		t.Errorf("%d of %d changed files are read", read, *mutations)
	}
}

// changed returns a copy with a few changes.
func changed(rng *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	for range 1 + rng.IntN(3) {
		at := rng.IntN(len(data))
		switch rng.IntN(6) {
		case 0:
			data[at] ^= 1 << rng.IntN(8)
		case 1:
			le.PutUint32(data[min(at, len(data)-4):], rng.Uint32()>>rng.IntN(32))
		case 2:
			le.PutUint64(data[min(at, len(data)-8):], rng.Uint64()>>rng.IntN(64))
		case 3:
			le.PutUint32(data[min(at, len(data)-4):], ^uint32(rng.IntN(3)))
		case 4:
			data = append(data[:at:at], data[min(len(data), at+1+rng.IntN(8)):]...)
		case 5:
			data = slices.Insert(data, at, make([]byte, 1+rng.IntN(8))...)
		}
		if len(data) < 8 {
			return data
		}
	}
	return data
}
