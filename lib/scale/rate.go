package scale

import (
	"context"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/images"
	"anncapacity/lib/resnet50"
)

const (
	rateQueries = 512  // most queries that are compared to find the rate
	rateRows    = 8192 // most rows
	rateRounds  = 2    // the first may compile
)

// Rates returns what this machine does in a second, on all cores: it computes a small part of the job, for some seconds.
func (p *Plan) Rates(ctx context.Context) (r Rates, err error) {
	return r, p.reach(func(at Places) (err error) {
		if p.Kind == KindEmbed {
			r, err = p.Embed.rates(ctx, at)
		} else {
			r, err = p.Exact.rates(ctx, at)
		}
		return err
	})
}

func (e *Exact) rates(ctx context.Context, at Places) (Rates, error) {
	metric, err := ann.ParseMetric(e.Metric)
	if err != nil {
		return Rates{}, err
	}
	set, err := e.Base.open(ctx, at.Data)
	if err != nil {
		return Rates{}, err
	}
	defer set.Close()
	v := ann.Vectors{N: min(rateRows, e.Base.Rows), D: e.Base.Dim}
	v.Data = make([]float32, v.N*v.D)
	begun := time.Now()
	if err := set.Read(ctx, 0, v.N, v.Data); err != nil {
		return Rates{}, err
	}
	bytes := float64(e.Base.Bytes) * float64(v.N) / float64(e.Base.Rows)
	r := Rates{Read: bytes / time.Since(begun).Seconds()}
	queries := ann.Vectors{N: min(rateQueries, v.N), D: v.D}
	queries.Data = v.Data[:queries.N*v.D]
	row := func(i int) int { return i }
	stream, err := exact.NewStream(queries, min(e.K, v.N), metric, exact.StreamOptions{})
	if err != nil {
		return Rates{}, zeroNamed(err, set, row)
	}
	for round := range rateRounds {
		begun = time.Now()
		if err := stream.Add(ctx, round*v.N, v); err != nil {
			return Rates{}, zeroNamed(err, set, row)
		}
		r.FLOP = 2 * float64(queries.N) * float64(v.N) * float64(v.D) / time.Since(begun).Seconds()
	}
	stream.Partial() // frees its memory
	return r, nil
}

func (e *Embed) rates(ctx context.Context, at Places) (Rates, error) {
	d, err := e.open(ctx, at.Data)
	if err != nil {
		return Rates{}, err
	}
	weights, err := resnet50.OpenWeights(ctx, at.Weights)
	if err != nil {
		return Rates{}, err
	}
	some := images.Range(d, 0, min(e.Batch, e.Images))
	begun := time.Now()
	sums, err := resnet50.ContentSums(ctx, some)
	if err != nil {
		return Rates{}, err
	}
	r := Rates{Read: bytesOfPhotograph * float64(some.Len()) / time.Since(begun).Seconds()}
	embedder, err := resnet50.NewEmbedder(ctx, resnet50.EmbedOptions{
		Dataset: d, Weights: weights, Preprocess: resnet50.Preprocess{Resize: e.Resize}, Batch: e.Batch,
	})
	if err != nil {
		return Rates{}, err
	}
	defer embedder.Close()
	for range rateRounds {
		begun = time.Now()
		if _, err := embedder.Embed(ctx, some, sums); err != nil {
			return Rates{}, err
		}
		r.FLOP = flopOfImage * float64(some.Len()) / time.Since(begun).Seconds()
	}
	return r, nil
}
