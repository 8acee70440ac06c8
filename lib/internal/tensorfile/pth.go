package tensorfile

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/big"
	"path"
	"slices"

	"github.com/nlpodyssey/gopickle/types"
)

// torch.save writes a state dict in two layouts. Since torch 1.6 it writes a zip archive of one pickle and a file for each
// storage; earlier versions write five pickles and then the storages into one file. Package gopickle reads the pickles. This
// file reads the layouts, because the reader of gopickle v0.3.0 fills a truncated storage with zeros, reads the float16
// numbers −0 and ∞ as −0.00003 and 65536, and checks no CRC. Nothing in a file is executed.

// readZip reads the pickle of a zip archive. A storage is read when one of its tensors is loaded.
func readZip(file io.ReaderAt, size int64) (*File, error) {
	records, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fmt.Errorf("truncated or damaged: %w", err)
	}
	folder, err := archiveFolder(records)
	if err != nil {
		return nil, err
	}
	if err := checkByteOrder(records, folder); err != nil {
		return nil, err
	}
	text, err := readRecord(records, folder+"/data.pkl", maxPickle)
	if err != nil {
		return nil, err
	}
	storages := map[string]*storage{}
	value, err := unpickle(bufio.NewReader(bytes.NewReader(text)), storages)
	if err != nil {
		return nil, fmt.Errorf("data.pkl: %w", err)
	}
	for _, key := range slices.Sorted(maps.Keys(storages)) {
		if err := storages[key].inRecord(records, folder+"/data/"+key); err != nil {
			return nil, fmt.Errorf("storage %s: %w", key, err)
		}
	}
	return pickled(value)
}

// archiveFolder returns the folder of data.pkl in the archive.
func archiveFolder(records *zip.Reader) (string, error) {
	found := ""
	for _, f := range records.File {
		folder, name := path.Split(f.Name)
		switch name {
		case "constants.pkl":
			return "", errors.New("a TorchScript program (torch.jit.save): save the state dict instead, torch.save(model.state_dict(), file)")
		case "data.pkl":
			found = path.Clean(folder)
		}
	}
	if found == "" {
		return "", errors.New("no data.pkl in the archive: not a file of torch.save")
	}
	return found, nil
}

func checkByteOrder(records *zip.Reader, folder string) error {
	order, err := readRecord(records, folder+"/byteorder", maxPickle)
	switch {
	case errors.Is(err, fs.ErrNotExist): // torch before 2.1
		return nil
	case err != nil:
		return err
	case string(order) != "little":
		return fmt.Errorf("byte order %q: want little", order)
	}
	return nil
}

// readRecord returns the content of a file of the archive, which has at most limit bytes, and checks its CRC.
func readRecord(records *zip.Reader, name string, limit int64) ([]byte, error) {
	record, err := records.Open(name)
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

// inRecord sets s.read to read the storage from a file of the archive, and checks the size of that file.
func (s *storage) inRecord(records *zip.Reader, name string) error {
	file, err := records.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	s.read = func() ([]byte, error) { return readRecord(records, name, s.bytes()) }
	return s.checkSize(info.Size())
}

// legacyMagic and legacyProtocol are the first two pickles of the old layout.
const (
	legacyMagic    = "1950a86a20f9469cfc6c" // hexadecimal
	legacyProtocol = 1001
)

// readLegacy reads the five pickles of the old layout: magic number, protocol, system, value, and keys of the storages. The
// storages follow in the order of the keys.
func readLegacy(file io.ReaderAt, size int64) (*File, error) {
	section := io.NewSectionReader(file, 0, size)
	r := bufio.NewReader(section)
	if err := readLegacyHeader(r); err != nil {
		return nil, err
	}
	storages := map[string]*storage{}
	value, err := unpickle(r, storages)
	if err != nil {
		return nil, err
	}
	list, err := unpickle(r, nil)
	if err != nil {
		return nil, fmt.Errorf("storage keys: %w", err)
	}
	keys, ok := list.(*types.List)
	if !ok {
		return nil, fmt.Errorf("storage keys: %T, want a list", list)
	}
	at, err := section.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	if err := placeStorages(io.NewSectionReader(file, 0, size), at-int64(r.Buffered()), *keys, storages); err != nil {
		return nil, err
	}
	return pickled(value)
}

// readLegacyHeader reads and checks magic number, protocol and byte order.
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
		return errors.New("byte order big: want little")
	}
	return nil
}

// placeStorages sets the read function of each storage. The storages begin at offset at; each consists of its number of
// values (8 bytes) and its values.
func placeStorages(file *io.SectionReader, at int64, keys []any, storages map[string]*storage) error {
	for _, key := range keys {
		name, _ := key.(string)
		s := storages[name]
		if s == nil || s.read != nil {
			return fmt.Errorf("storage %v: belongs to no tensor or appears twice in the list", key)
		}
		var count [8]byte
		if _, err := file.ReadAt(count[:], at); err != nil {
			return fmt.Errorf("storage %s: truncated: %w", name, err)
		}
		if n := binary.LittleEndian.Uint64(count[:]); n != uint64(s.count) {
			return fmt.Errorf("storage %s: %d values, but the tensors say %d", name, n, s.count)
		}
		values := io.NewSectionReader(file, at+8, s.bytes())
		s.read = func() ([]byte, error) { return io.ReadAll(values) }
		if err := s.checkSize(min(s.bytes(), file.Size()-at-8)); err != nil {
			return fmt.Errorf("storage %s: %w", name, err)
		}
		at += 8 + s.bytes()
	}
	if at != file.Size() {
		return fmt.Errorf("bytes after the last storage")
	}
	return nil
}
