// Package sift makes data sets of SIFT descriptors (Lowe, IJCV 60, 2004) of photographs: a base, a learn set and queries, each
// from different photographs. OpenCV computes the descriptors, in the pinned Python environment that `make sift` installs.
package sift

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"

	"anncapacity/lib/ann"
	"anncapacity/lib/images"
	"anncapacity/lib/internal/progress"
)

// Dimensions is the number of dimensions of a descriptor. Each is a uint8; the L2 norm is about 512.
const Dimensions = 128

// Settings are the settings of OpenCV's SIFT_create, and the enlargement before it.
type Settings struct {
	// Enlarge multiplies the sides of a photograph before descriptors are found (bicubic interpolation). Zero means 1.5, which
	// gives about 250 descriptors of a photograph of 96 × 96 pixels. Range 0.1–16.
	Enlarge           float64 `json:"enlarge"`
	ContrastThreshold float64 `json:"contrast_threshold"` // zero means 0.04, OpenCV's default
	EdgeThreshold     float64 `json:"edge_threshold"`     // zero means 10, OpenCV's default
	Sigma             float64 `json:"sigma"`              // zero means 1.6, OpenCV's default
	OctaveLayers      int     `json:"octave_layers"`      // zero means 3, OpenCV's default
}

// Options are the arguments of Make.
type Options struct {
	Dataset              images.Dataset
	Base, Learn, Queries int // number of vectors in each set, at least 1
	Seed                 uint64
	Settings             Settings
	Warps                int       // number of random warps of each photograph of the learn set, beside the photograph itself
	Threads              int       // of OpenCV; zero means the number of cores
	Progress             io.Writer // nil shows nothing
}

// Set is one of the three sets.
type Set struct {
	Vectors     ann.Coordinates // uint8, in random order
	Photographs int             // from which descriptors were drawn
	Found       int             // descriptors that OpenCV found in them
	InBase      int             // of these, left out because the base holds the same vector
	InLearn     int             // of these, left out because the learn set holds the same vector
}

// Sets are the result of Make.
type Sets struct {
	Base, Learn, Queries Set
	Settings             Settings // as they were applied
	OpenCV, NumPy        string   // versions
}

// The share of the photographs, in percent, from which the base and the learn set are drawn. The queries are from the others.
const (
	BaseShare  = 45
	LearnShare = 45
)

// Make assigns each photograph at random to the base, the learn set or the queries, and draws the wanted number of descriptors of
// each set at random, without replacement. Descriptors of the learn set that are in the base are left out, and those of the
// queries that are in the base or in the learn set. The same options give the same bytes with the same version of OpenCV on
// the same kind of processor, whatever Threads is. It is an error if there are too few descriptors.
func Make(ctx context.Context, o Options) (*Sets, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	parts, err := split(o.Dataset.Len(), o.Seed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Dataset.Name(), err)
	}
	jobs := jobsOf(parts, o)
	x, err := start(ctx, o, jobs)
	if err != nil {
		return nil, err
	}
	sets, err := collect(x, jobs, o)
	if err = x.stop(err); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	for i, s := range sets.all() {
		s.Photographs = len(parts[i])
	}
	sets.Settings, sets.OpenCV, sets.NumPy = o.Settings, x.versions.OpenCV, x.versions.NumPy
	return sets, nil
}

// all returns the sets in the order in which they are made.
func (s *Sets) all() [3]*Set { return [3]*Set{&s.Base, &s.Learn, &s.Queries} }

// names are the names of the sets in that order.
var names = [3]string{"base", "learn", "query"}

// wanted returns the wanted numbers of vectors in that order.
func (o Options) wanted() [3]int { return [3]int{o.Base, o.Learn, o.Queries} }

// complete sets defaults and returns an error if an option is out of range.
func (o *Options) complete() error {
	s := &o.Settings
	for _, d := range []struct {
		value    *float64
		standard float64
	}{{&s.Enlarge, 1.5}, {&s.ContrastThreshold, 0.04}, {&s.EdgeThreshold, 10}, {&s.Sigma, 1.6}} {
		if *d.value == 0 {
			*d.value = d.standard
		}
		if !(*d.value > 0) || math.IsInf(*d.value, 0) {
			return fmt.Errorf("sift: %v is no setting: want a number above 0", *d.value)
		}
	}
	if s.OctaveLayers == 0 {
		s.OctaveLayers = 3
	}
	switch {
	case s.Enlarge < 0.1 || s.Enlarge > 16:
		return fmt.Errorf("sift: enlargement %v: want 0.1 … 16", s.Enlarge)
	case s.OctaveLayers < 0:
		return fmt.Errorf("sift: %d layers of an octave: want at least 1", s.OctaveLayers)
	case o.Warps < 0 || o.Threads < 0:
		return fmt.Errorf("sift: %d warps, %d threads: want at least 0", o.Warps, o.Threads)
	}
	for i, n := range o.wanted() {
		if n < 1 || n > math.MaxInt32 {
			return fmt.Errorf("sift: %s set of %d vectors: want 1 … %d", names[i], n, math.MaxInt32)
		}
	}
	return nil
}

// split returns the numbers of the photographs of each set, in random order.
func split(n int, seed uint64) (parts [3][]int, err error) {
	order := rand.New(rand.NewPCG(seed, 0)).Perm(n)
	base, learn := n*BaseShare/100, n*LearnShare/100
	if base == 0 || learn == 0 {
		return parts, fmt.Errorf("%d photographs are too few for a base, a learn set and queries from different photographs", n)
	}
	return [3][]int{order[:base], order[base : base+learn], order[base+learn:]}, nil
}

// job is a photograph, or a warp of it, whose descriptors belong to a set.
type job struct{ set, image, warp int }

// jobsOf returns the photographs of each set, and after those of the learn set their warps.
func jobsOf(parts [3][]int, o Options) (jobs []job) {
	for set, part := range parts {
		warps := 0
		if names[set] == "learn" {
			warps = o.Warps
		}
		for warp := range 1 + warps { // 0 is the photograph itself
			for _, i := range part {
				jobs = append(jobs, job{set, i, warp})
			}
		}
	}
	return jobs
}

// collect receives the descriptors of all jobs and draws the sets.
func collect(x *extractor, jobs []job, o Options) (*Sets, error) {
	bar := progress.New(o.Progress, "SIFT descriptors", len(jobs), "photographs")
	defer bar.Stop()
	sets, at := &Sets{}, 0
	var earlier []lookup // of the base, then of the learn set
	for i, set := range sets.all() {
		draw := newDraw(o.wanted()[i], rand.New(rand.NewPCG(o.Seed, uint64(i+1))))
		for ; at < len(jobs) && jobs[at].set == i; at++ {
			found, err := x.next()
			if err != nil {
				return nil, err
			}
			set.add(draw, earlier, found)
			bar.Add(1)
		}
		var err error
		if set.Vectors, err = draw.vectors(); err != nil {
			return nil, fmt.Errorf("the %s set: %w: ask for fewer, or use more photographs, larger ones or a greater enlargement",
				names[i], err)
		}
		if i < len(names)-1 {
			earlier = append(earlier, newLookup(set.Vectors))
		}
	}
	return sets, nil
}

// add offers descriptors to the draw, without those that an earlier set holds.
func (s *Set) add(draw *draw, earlier []lookup, found []uint8) {
	for ; len(found) > 0; found = found[Dimensions:] {
		s.Found++
		v := found[:Dimensions]
		switch {
		case len(earlier) > 0 && earlier[0].has(v):
			s.InBase++
		case len(earlier) > 1 && earlier[1].has(v):
			s.InLearn++
		default:
			draw.offer(v)
		}
	}
}
