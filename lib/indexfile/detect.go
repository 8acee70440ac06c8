package indexfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"anncapacity/lib/ann"
)

// read reads an index of size bytes.
func read(file io.ReaderAt, size int64, o Options) (*Index, error) {
	head := make([]byte, min(size, 96))
	if _, err := file.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	format := o.Format
	if format == "" {
		var err error
		if format, err = detect(file, size, head); err != nil {
			return nil, err
		}
	}
	r := newReader(file, size)
	var x *Index
	var err error
	switch format {
	case FAISS:
		x, err = readFAISS(r)
	case HNSWLib:
		x, err = readHNSWLib(r, o)
	case USearch:
		x, err = readUSearch(r, usearchMatrix(file, size))
	default:
		_, err = ParseFormat(string(format))
	}
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", format, err)
	}
	x.Format = format
	return x, x.check(o)
}

// check returns an error if the file and the options contradict each other, or if the vectors are not numbers.
func (x *Index) check(o Options) error {
	if o.Dimensions != 0 && o.Dimensions != x.Vectors.D {
		return fmt.Errorf("holds vectors of %d dimensions, not %d", x.Vectors.D, o.Dimensions)
	}
	if _, err := ann.NewVectors(x.Vectors.N, x.Vectors.D, x.Vectors.Data); err != nil {
		return err
	}
	if x.Live() == 0 {
		return errors.New("every vector is marked as deleted")
	}
	if o.Metric == nil || *o.Metric == x.Metric {
		return nil
	}
	if *o.Metric == ann.Cosine && x.Metric == ann.InnerProduct {
		if row, length := longest(x.Vectors); row >= 0 {
			return fmt.Errorf("compares by inner product, which is the cosine for vectors of length 1 alone; vector %d has length %.4g", row, length)
		}
		x.Metric = ann.Cosine
		return nil
	}
	return fmt.Errorf("the metric of the index is %v, not %v", x.Metric, *o.Metric)
}

// longest returns the first row whose length is not 1, or −1.
func longest(v ann.Vectors) (row int, length float64) {
	for i := range v.N {
		if l := ann.Length(v.Row(i)); l < .999 || l > 1.001 {
			return i, l
		}
	}
	return -1, 1
}

// detect returns the format of a file by its bytes.
func detect(file io.ReaderAt, size int64, head []byte) (Format, error) {
	switch {
	case len(head) >= 4 && isFAISS(string(head[:4])):
		return FAISS, nil
	case bytes.HasPrefix(head, []byte(usearchMagic)) || usearchMatrix(file, size).found:
		return USearch, nil
	case looksLikeHNSWLib(head):
		return HNSWLib, nil
	}
	return "", errors.New("is no index file of FAISS, hnswlib or usearch: none of them begins with these bytes")
}

// looksLikeHNSWLib reports whether the header of an hnswlib file fits together. Such files have no signature.
func looksLikeHNSWLib(head []byte) bool {
	if len(head) < 96 {
		return false
	}
	word := func(i int) uint64 { return le.Uint64(head[8*i:]) }
	size, label, data := word(3), word(4), word(5)
	maxM0 := le.Uint64(head[64:])
	return word(0) == 0 && size == label+8 && data == 4*maxM0+4 && label > data
}
