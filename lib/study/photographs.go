package study

import (
	"context"
	"fmt"
	"slices"

	"anncapacity/lib/images"
	"anncapacity/lib/internal/numpy"
)

// Photographs returns the images that the job embeds: the whole dataset, or as many as the profile specifies, drawn with
// FirstSeed. It returns an error if the dataset has too few images for the study.
func (j Job) Photographs(ctx context.Context) (images.Dataset, error) {
	all, err := images.Open(ctx, j.Dataset)
	if err != nil {
		return nil, err
	}
	if most := slices.Max(Ks()); all.Len() <= most {
		return nil, fmt.Errorf("%s: %d images: the study computes the %d nearest neighbours of each, so it needs more than %d images", j.Dataset, all.Len(), most, most)
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
