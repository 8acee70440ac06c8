package hnsw

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"anncapacity/lib/internal/atomicfile"
)

// fileHeader is the header of a graph file. A graph file consists of the header, the level of each node (n bytes), the
// links (int32; per node 2M slots for level 0 and M for each level above; unused slots at the end of a list are −1), and
// the SHA-256 of all preceding bytes. All numbers are little-endian.
type fileHeader struct {
	Magic          [8]byte // "anncHNSW"
	Version        uint32
	M              uint32
	EfConstruction uint32
	Rules          uint32 // the Selection, and 256 times the Insertion
	Seed           uint64
	N              uint32
	EntryPoint     int32
}

const fileVersion = 1

var fileMagic = [8]byte([]byte("anncHNSW"))

// Save writes the graph to a file. It writes the whole file or, on an error, none of it. A graph whose number of slots on level
// 0 is not 2M, which Import can return, is an error.
func (g *Graph) Save(path string) error {
	if g.ground != 2*g.options.M {
		return fmt.Errorf("%s: a graph with M = %d and %d slots on level 0 has no graph file", path, g.options.M, g.ground)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		sum := sha256.New()
		out := io.MultiWriter(w, sum)
		head := fileHeader{
			Magic: fileMagic, Version: fileVersion, M: uint32(g.options.M),
			EfConstruction: uint32(g.options.EfConstruction), Rules: uint32(g.options.Selection) | uint32(g.options.Insertion)<<8,
			Seed: g.options.Seed, N: uint32(g.Len()), EntryPoint: g.entryPoint,
		}
		for _, part := range []any{head, g.level, g.links} {
			if err := binary.Write(out, binary.LittleEndian, part); err != nil {
				return err
			}
		}
		_, err := w.Write(sum.Sum(nil))
		return err
	})
}

// Load reads a graph file that Save, or another program that follows the format, has written. It returns an error that
// names the file if the file is truncated, damaged or of another version, or if its links are invalid.
func Load(path string) (*Graph, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	g, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return g, nil
}

func parse(data []byte) (*Graph, error) {
	var head fileHeader
	size := binary.Size(head)
	if len(data) < size+sha256.Size || !bytes.HasPrefix(data, fileMagic[:]) {
		return nil, errors.New("not a graph file of anncapacity")
	}
	body := data[:len(data)-sha256.Size]
	if _, err := binary.Decode(body, binary.LittleEndian, &head); err != nil {
		return nil, err
	}
	if head.Version != fileVersion {
		return nil, fmt.Errorf("graph file of version %d: this program reads version %d", head.Version, fileVersion)
	}
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[len(body):]) {
		return nil, errors.New("checksum differs: the graph file is truncated or damaged")
	}
	if head.Rules>>16 != 0 {
		return nil, fmt.Errorf("graph file with unknown build rules %#x", head.Rules)
	}
	rest := body[size:]
	if head.N < 1 || uint64(head.N) > uint64(len(rest)) {
		return nil, fmt.Errorf("%d nodes do not fit into the file", head.N)
	}
	links := Links{Level: rest[:head.N], EntryPoint: head.EntryPoint, Slots: make([]int32, len(rest[head.N:])/4)}
	if _, err := binary.Decode(rest[head.N:], binary.LittleEndian, links.Slots); err != nil {
		return nil, err
	}
	return Import(Options{M: int(head.M), EfConstruction: int(head.EfConstruction), Seed: head.Seed,
		Selection: Selection(head.Rules), Insertion: Insertion(head.Rules >> 8)}, links)
}
