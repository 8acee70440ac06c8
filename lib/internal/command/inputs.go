package command

import (
	"context"
	"fmt"
	"os"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/interrupt"
)

// What the help of several commands says of the same flags.
const (
	embeddingsHelp = "`FILE` of vectors: .npy, .fvecs, .bvecs, .parquet[:column] or .hdf5[:dataset], numbers of any real type, converted to float32 (required)"
	metricHelp     = "l2, cosine or ip: `what` near means; ip: distances are negative inner products, so the smallest is the nearest"
)

// openEmbeddings reads a file of vectors and prints what was converted. An interrupt ends the wait for it.
func openEmbeddings(ctx context.Context, path string) (ann.Vectors, error) {
	return interrupt.Wait(ctx, func() (ann.Vectors, error) { return embedding.OpenReporting(path, os.Stderr) })
}

// checkK compares the k of a flag with the number of vectors.
func checkK(flag string, ks []int, path string, n int) error {
	for _, k := range ks {
		switch {
		case n < 2:
			return fmt.Errorf("%s: there is one vector only: it has no neighbours", path)
		case k > n-1:
			return fmt.Errorf("%s: -%s %d: each of the %d vectors has %d others: ask for %[5]d or fewer", path, flag, k, n, n-1)
		}
	}
	return nil
}

// atLeast checks the numbers of a flag.
func atLeast(least int, flag string, numbers ...int) error {
	for _, number := range numbers {
		if number < least {
			return fmt.Errorf("-%s %d: must be at least %d", flag, number, least)
		}
	}
	return nil
}

// gib is the bytes of -memory.
func gib(memory float64) (int64, error) {
	if !(memory > 0 && memory < 1<<20) {
		return 0, fmt.Errorf("-memory %v: a number of GiB above 0 is expected", memory)
	}
	return int64(memory * (1 << 30)), nil
}
