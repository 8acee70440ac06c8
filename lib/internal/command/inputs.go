package command

import (
	"context"
	"fmt"
	"os"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/interrupt"
)

// Help texts of flags that several commands have.
const (
	vectorsHelp    = "`FILE` of vectors: .npy, .fvecs, .bvecs, .fbin, .u8bin, .i8bin, .parquet[:column] or .hdf5[:dataset], or a folder or a pattern of .parquet files; "
	embeddingsHelp = vectorsHelp + "numbers of any real type are converted to float32 (required)"
	metricHelp     = "`metric`: l2, cosine or ip; the distance of ip is the negative inner product, so that the nearest point has the smallest distance"
)

// openEmbeddings reads a file of vectors and prints notes on converted numbers. It returns an error at once when ctx is
// cancelled.
func openEmbeddings(ctx context.Context, path string) (ann.Vectors, error) {
	return interrupt.Wait(ctx, func() (ann.Vectors, error) { return embedding.OpenReporting(path, os.Stderr) })
}

// checkK returns an error if a k of the flag is too large for n vectors.
func checkK(flag string, ks []int, path string, n int) error {
	for _, k := range ks {
		switch {
		case n < 2:
			return fmt.Errorf("%s: holds a single vector, which has no neighbours", path)
		case k > n-1:
			return fmt.Errorf("%s: -%s %d: must be at most %[5]d, one less than the number of vectors, %[4]d", path, flag, k, n, n-1)
		}
	}
	return nil
}

// atLeast returns an error if a number of the flag is below least.
func atLeast(least int, flag string, numbers ...int) error {
	for _, number := range numbers {
		if number < least {
			return fmt.Errorf("-%s %d: must be at least %d", flag, number, least)
		}
	}
	return nil
}

// gib returns the number of bytes of -memory.
func gib(memory float64) (int64, error) {
	if !(memory > 0 && memory < 1<<20) {
		return 0, fmt.Errorf("-memory %v: must be a number of GiB above 0 and below 1048576", memory)
	}
	return int64(memory * (1 << 30)), nil
}
