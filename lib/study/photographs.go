package study

import (
	"context"

	"anncapacity/lib/images"
)

// Photographs are the images that the job embeds: all of its dataset, or as many as its profile says, drawn with
// FirstSeed.
func (j Job) Photographs(ctx context.Context) (images.Dataset, error) {
	all, err := images.Open(ctx, j.Dataset)
	if err != nil {
		return nil, err
	}
	n := j.Profile.Images
	if n == 0 || n >= all.Len() {
		return all, nil
	}
	rows, err := images.Sample(all.Len(), n, FirstSeed)
	if err != nil {
		return nil, err
	}
	return images.Subset(all, rows), nil
}
