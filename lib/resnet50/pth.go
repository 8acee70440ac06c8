package resnet50

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"path"

	"github.com/nlpodyssey/gopickle/types"
)

// The two layouts in which torch.save writes a state dict: since torch 1.6 a zip archive of one pickle and a file for each
// storage, before that five pickles and then the storages in one file. Package gopickle reads the pickles. Its own
// reader of the layouts (v0.3.0) fills a truncated storage with zeros, reads the float16 numbers −0 and ∞ as
// −0.00003 and 65536, and checks no CRC, so the layouts are read here.

// decodePTH reads the state dict in a .pth file of that size in bytes. Nothing in it is executed.
func decodePTH(file io.ReaderAt, size int64) (map[string]Tensor, error) {
	var magic [4]byte
	if _, err := file.ReadAt(magic[:], 0); err != nil {
		return nil, fmt.Errorf("no state dict of torch: %w", err)
	}
	if string(magic[:]) == "PK\x03\x04" {
		return readZip(file, size)
	}
	return readLegacy(bufio.NewReader(io.NewSectionReader(file, 0, size)))
}

func readZip(file io.ReaderAt, size int64) (map[string]Tensor, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fmt.Errorf("truncated or damaged: %w", err)
	}
	folder, err := archiveFolder(archive)
	if err != nil {
		return nil, err
	}
	if order, err := readRecord(archive, folder+"/byteorder", maxPickle); err == nil && string(order) != "little" {
		return nil, fmt.Errorf("byte order %q: want little", order)
	}
	text, err := readRecord(archive, folder+"/data.pkl", maxPickle)
	if err != nil {
		return nil, err
	}
	storages := map[string]*storage{}
	value, err := unpickle(bufio.NewReader(bytes.NewReader(text)), storages)
	if err != nil {
		return nil, fmt.Errorf("data.pkl: %w", err)
	}
	for key, s := range storages {
		if err := s.set(readRecord(archive, folder+"/data/"+key, s.bytes())); err != nil {
			return nil, fmt.Errorf("storage %s: %w", key, err)
		}
	}
	return stateDict(value)
}

// archiveFolder is where in the archive data.pkl lies.
func archiveFolder(archive *zip.Reader) (string, error) {
	for _, f := range archive.File {
		folder, name := path.Split(f.Name)
		if name == "data.pkl" {
			return path.Clean(folder), nil
		}
	}
	return "", fmt.Errorf("no data.pkl in the archive: not a file of torch.save")
}

// readRecord reads a file of the archive, of at most limit bytes, and checks its CRC.
func readRecord(archive *zip.Reader, name string, limit int64) ([]byte, error) {
	record, err := archive.Open(name)
	if err != nil {
		return nil, err
	}
	defer record.Close()
	data, err := io.ReadAll(io.LimitReader(record, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("more than the expected %d bytes", limit)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// legacyMagic and legacyProtocol are the first two pickles of the old layout.
const (
	legacyMagic    = "1950a86a20f9469cfc6c" // hexadecimal
	legacyProtocol = 1001
)

func readLegacy(file *bufio.Reader) (map[string]Tensor, error) {
	if err := readLegacyHeader(file); err != nil {
		return nil, err
	}
	storages := map[string]*storage{}
	value, err := unpickle(file, storages)
	if err != nil {
		return nil, err
	}
	list, err := unpickle(file, nil)
	if err != nil {
		return nil, fmt.Errorf("storage keys: %w", err)
	}
	keys, ok := list.(*types.List)
	if !ok {
		return nil, fmt.Errorf("storage keys: %T, want a list", list)
	}
	for _, key := range *keys {
		name, _ := key.(string)
		s := storages[name]
		if s == nil {
			return nil, fmt.Errorf("storage %v: of no tensor", key)
		}
		if err := s.set(readLegacyStorage(file, s)); err != nil {
			return nil, fmt.Errorf("storage %s: %w", name, err)
		}
	}
	if _, err := file.ReadByte(); err != io.EOF {
		return nil, fmt.Errorf("bytes after the last storage")
	}
	return stateDict(value)
}

// readLegacyHeader reads magic number, protocol and the writer's byte order.
func readLegacyHeader(file *bufio.Reader) error {
	magic, err := unpickle(file, nil)
	if n, ok := magic.(*big.Int); err != nil || !ok || n.Text(16) != legacyMagic {
		return fmt.Errorf("neither a zip archive nor a file of an older torch.save: no magic number")
	}
	protocol, err := unpickle(file, nil)
	if err != nil {
		return fmt.Errorf("protocol: %w", err)
	}
	if protocol != legacyProtocol {
		return fmt.Errorf("protocol %v: want %d", protocol, legacyProtocol)
	}
	system, err := unpickle(file, nil)
	if err != nil {
		return fmt.Errorf("system: %w", err)
	}
	facts, ok := system.(*types.Dict)
	if !ok {
		return fmt.Errorf("system: %T, want a dict", system)
	}
	if little, ok := facts.Get("little_endian"); ok && little != true {
		return fmt.Errorf("byte order big: want little")
	}
	return nil
}

// readLegacyStorage reads the number of values (8 bytes) and the values.
func readLegacyStorage(file io.Reader, s *storage) ([]byte, error) {
	var count [8]byte
	if _, err := io.ReadFull(file, count[:]); err != nil {
		return nil, fmt.Errorf("truncated: %w", err)
	}
	if n := binary.LittleEndian.Uint64(count[:]); n != uint64(s.count) {
		return nil, fmt.Errorf("%d values, but the tensors say %d", n, s.count)
	}
	return io.ReadAll(io.LimitReader(file, s.bytes()))
}
