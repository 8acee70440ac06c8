package resnet50

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/fetch"
)

// The cache of embeddings is one append-only file for each network and preprocessing. It holds a header and records of
// equal size. Each record holds the SHA-256 of an image's content, the image's 2048 features, and a checksum of both. The
// file holds no paths and no times. Opening the file removes an incomplete record at its end, which a killed process
// leaves. A damaged record is ignored, and its image is computed again.

// sum is the SHA-256 of an image's content.
type sum = [sha256.Size]byte

const (
	cacheMagic  = "anncapacity embeddings 1\n" // must change when the record of an image changes
	featureSize = 4 * Features
	recordSize  = sha256.Size + featureSize + crc32.Size
	headerSize  = len(cacheMagic) + sha256.Size
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type cache struct {
	file *os.File
	lock *flock.Flock
	end  int64         // offset of the next record
	at   map[sum]int64 // offset of each image's record
}

// cacheKey returns a hash of everything that the embeddings depend on except the images.
func cacheKey(w *Weights, p Preprocess) sum {
	hash := w.Hash()
	return sha256.Sum256(fmt.Appendf(nil, "%sweights %x\nresize %d Pillow bilinear, crop %d\n", cacheMagic, hash, p.resize(), inputSize))
}

// DefaultCache returns the path of the folder embeddings in fetch.Home().
func DefaultCache() (string, error) {
	home, err := fetch.Home()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, "embeddings"), nil
}

// openCache opens or creates the cache with the given key in dir, and locks it.
func openCache(dir string, key sum) (*cache, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cache of embeddings: %w; name another folder, or set ANNCAPACITY_HOME", err)
	}
	path := filepath.Join(dir, hex.EncodeToString(key[:8])+".embeddings")
	c := &cache{lock: flock.New(path + ".lock"), at: map[sum]int64{}}
	switch ok, err := c.lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("cache of embeddings: locking %s: %w", path, err)
	case !ok:
		return nil, fmt.Errorf("cache of embeddings: another process is writing %s: wait for it, or use another cache folder", path)
	}
	err := c.open(path, key)
	if err != nil {
		c.close()
		return nil, fmt.Errorf("cache of embeddings: %w", err)
	}
	return c, nil
}

func (c *cache) open(path string, key sum) (err error) {
	if c.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return err
	}
	info, err := c.file.Stat()
	if err != nil {
		return err
	}
	header := append([]byte(cacheMagic), key[:]...)
	if info.Size() < int64(headerSize) { // a new file, or one whose header was not completed
		return c.write(0, header)
	}
	r := bufio.NewReaderSize(c.file, 1<<20)
	found := make([]byte, headerSize)
	if _, err := io.ReadFull(r, found); err != nil {
		return err
	}
	if !bytes.Equal(found, header) {
		return fmt.Errorf("%s is not a cache of these weights and this preprocessing: remove it", path)
	}
	return c.index(r)
}

// index records the offset of every undamaged record and truncates an incomplete record at the end.
func (c *cache) index(r io.Reader) error {
	c.end = int64(headerSize)
	record := make([]byte, recordSize)
	for {
		_, err := io.ReadFull(r, record)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return c.file.Truncate(c.end)
		}
		if err != nil {
			return err
		}
		if binary.LittleEndian.Uint32(record[recordSize-crc32.Size:]) == crc32.Checksum(record[:recordSize-crc32.Size], castagnoli) {
			c.at[sum(record[:sha256.Size])] = c.end
		}
		c.end += recordSize
	}
}

// write writes data at offset at and flushes the file to disk. When the disk is full, the file keeps its previous content.
func (c *cache) write(at int64, data []byte) error {
	if _, err := c.file.WriteAt(data, at); err != nil {
		return errors.Join(err, c.file.Truncate(at))
	}
	c.end = at + int64(len(data))
	return c.file.Sync()
}

// add appends the records of images with features len(sums) × 2048.
func (c *cache) add(sums []sum, features []float32) error {
	data := make([]byte, 0, len(sums)*recordSize)
	for i, s := range sums {
		start := len(data)
		data = append(data, s[:]...)
		for _, f := range features[i*Features : (i+1)*Features] {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(f))
		}
		data = binary.LittleEndian.AppendUint32(data, crc32.Checksum(data[start:], castagnoli))
	}
	at := c.end
	if err := c.write(at, data); err != nil {
		return fmt.Errorf("cache of embeddings: %w (the %d embeddings that were computed before are kept)", err, len(c.at))
	}
	for i, s := range sums {
		c.at[s] = at + int64(i*recordSize)
	}
	return nil
}

// vectors returns the features of images in the order of sums. The cache must hold all of them.
func (c *cache) vectors(sums []sum) (ann.Vectors, error) {
	data := make([]float32, 0, len(sums)*Features)
	record := make([]byte, featureSize)
	for _, s := range sums {
		if _, err := c.file.ReadAt(record, c.at[s]+sha256.Size); err != nil {
			return ann.Vectors{}, fmt.Errorf("cache of embeddings: %w", err)
		}
		for b := record; len(b) > 0; b = b[4:] {
			data = append(data, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
	}
	return ann.NewVectors(len(sums), Features, data)
}

// close closes the file and releases the lock.
func (c *cache) close() error {
	var err error
	if c.file != nil {
		err = c.file.Close()
	}
	return errors.Join(err, c.lock.Unlock())
}
