package study

import (
	"context"
	"fmt"
	"slices"

	"anncapacity/lib/images"
	"anncapacity/lib/internal/numpy"
)

// Photographs are the images that the job embeds: all of its dataset, or as many as its profile says, drawn with
// FirstSeed. Fewer than the study can use are an error before any is embedded.
func (j Job) Photographs(ctx context.Context) (images.Dataset, error) {
	all, err := images.Open(ctx, j.Dataset)
	if err != nil {
		return nil, err
	}
	if most := slices.Max(Ks()); all.Len() <= most {
		return nil, fmt.Errorf("%s: %d images: the study asks for the %d nearest others of each, so it needs more than %d", j.Dataset, all.Len(), most, most)
	}
	n := j.Profile.Images
	if n == 0 || n >= all.Len() {
		return all, nil
	}
	rows, err := numpy.Choice(all.Len(), n, FirstSeed)
	if err != nil {
		return nil, err
	}
	return images.Subset(all, rows), nil
}
