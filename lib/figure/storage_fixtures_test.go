package figure

import (
	"fmt"
	"math"

	"anncapacity/lib/storage/stop"
	storage "anncapacity/lib/storage/study"
)

// stored returns synthetic rows of a study of storage: SIFT with two sizes of the base, and ResNet-50 with one. With three seeds the
// vectors fetched are 3 % fewer, the mean, and 3 % more.
func stored() (rows []storage.Row) {
	for _, x := range []storage.Row{{Data: "SIFT", Base: 100_000}, {Data: "SIFT", Base: 1_000_000}, {Data: "ResNet-50", Base: 12_000}} {
		for seed := range 3 {
			x.Seed, x.Copies, x.Test = uint64(seed+1), 1, storage.OtherPhotographs
			for _, budget := range []float64{1, 2, 4, 8, 16, 32} {
				x.Budget, x.Memory, x.Units = budget, 1.02*budget, int(float64(x.Base)*budget/128)
				rows = append(rows, costs(x, "kmeans", 1)...)
				rows = append(rows, costs(x, "balanced", 1.04)...)
				closure := x
				closure.Copies = 1.6
				rows = append(rows, costs(closure, "spann", .95)...)
				if budget >= 4 {
					rows = append(rows, costs(x, "sketch", .6/math.Sqrt(budget))...)
				}
			}
			x.Budget, x.Memory, x.Units = 0, 4.1, x.Base/31
			rows = append(rows, costs(x, "pages", .66)...)
			if x.Data == "SIFT" {
				rows = append(rows, networks(x)...)
			}
		}
	}
	return rows
}

// networks returns the rows of networks with as many clusters as k-means has with 2 bytes. A network fetches as many vectors as k-means
// with the same clusters if it has one learn query for each base vector, and half as many with a hundred.
func networks(x storage.Row) (rows []storage.Row) {
	x.Units = int(float64(x.Base) * 2 / 128)
	for _, learn := range []int{10_000, 100_000, 1_000_000, 10_000_000} {
		x.Learn, x.Source = learn, "photographs"
		if learn > 1_000_000 {
			x.Source = storage.NearBase
		}
		for i, test := range []string{storage.OtherPhotographs, storage.LearnPhotographs, storage.NearBase} {
			x.Test = test
			for round := range 3 {
				x.Round, x.Copies, x.Memory = round, 1+.1*float64(round), 4
				gain := math.Pow(float64(learn)/float64(x.Base), -.15) * (1 - .1*float64(i)) * math.Pow(4.0/2, .58)
				rows = append(rows, costs(x, "network", gain*(1-.04*float64(round)))...)
				if round == 0 {
					x.Memory = 6
					rows = append(rows, costs(x, "network-best", .8*gain*math.Pow(6.0/4, .58))...)
				}
			}
			if learn == 10_000 && test != storage.OtherPhotographs {
				kmeans := x
				kmeans.Learn, kmeans.Source, kmeans.Round, kmeans.Copies = 0, "", 0, 1
				for _, budget := range []float64{2, 4, 8} {
					kmeans.Budget, kmeans.Memory, kmeans.Units = budget, 1.02*budget, int(float64(x.Base)*budget/128)
					rows = append(rows, costs(kmeans, "kmeans", 1)...)
				}
			}
		}
	}
	return rows
}

// savedBy is the share of the vectors of a fixed number that a rule does not fetch, at recall .9.
var savedBy = map[string]float64{stop.Fixed.Key: 0, stop.Mass.Key: .1, stop.Ratio.Key: .15, stop.Settled.Key: .2, stop.Bound.Key: .3}

// costs returns the rows of a way at every rule, k and recall. It fetches times as many vectors as k-means with as much memory.
func costs(x storage.Row, way string, times float64) (rows []storage.Row) {
	x.Way = way
	for _, rule := range stop.Rules {
		for _, k := range storage.Ks {
			for _, recall := range []float64{.5, .8, .9, .95, .99} {
				x.Rule, x.K, x.Recall = rule.Key, k, recall
				x.Vectors = times * 4200 * math.Pow(float64(x.Base)/250_000, .75) * math.Pow(x.Memory, -.58) *
					math.Pow(10*(1-recall), -.6) * (1 - savedBy[rule.Key]*(.5+recall)/1.4) * math.Sqrt(float64(k)) * (.94 + .03*float64(x.Seed))
				x.Read = max(1, x.Vectors*float64(x.Units)/float64(x.Base))
				x.Reads, x.Bytes = x.Read/2, 140*x.Vectors
				rows = append(rows, x)
			}
		}
	}
	return rows
}

// onDisk returns synthetic rows of files on a disk. The setting of a peer was swept.
func onDisk() (rows []storage.DiskRow) {
	add := func(x storage.DiskRow, vectors float64) {
		for _, recall := range []float64{.8, .9, .95, .99} {
			if x.Peer == "" && recall < .9 {
				continue
			}
			x.Recall = recall + .002
			if x.Peer == "" {
				x.Wanted = recall
			} else {
				x.Setting = fmt.Sprintf("nprobe %.0f", 1/(1-recall))
			}
			x.Vectors = vectors * math.Pow(10*(1-recall), -.6)
			x.Bytes, x.Reads, x.CPU = 140*x.Vectors, max(1, x.Vectors/60), x.Vectors/4000
			x.Cold = .1*x.Reads + x.CPU
			x.Warm = x.CPU + .05
			if x.Peer == "DiskANN" {
				x.Vectors = 0 // unknown
			}
			rows = append(rows, x)
		}
	}
	for _, k := range []int{1, 10} {
		x := storage.DiskRow{Data: "SIFT", Base: 1_000_000, K: k, Access: "O_DIRECT"}
		for _, w := range []struct {
			way             string
			memory, vectors float64
		}{{"kmeans", 8.1, 3500}, {"spann", 8.1, 3300}, {"pages", 4.1, 2190}, {"sketch", 8.4, 700}, {"sketch", 16.4, 178}} {
			x.Way, x.Memory = w.way, w.memory
			add(x, w.vectors)
		}
		x.Way = ""
		for i, peer := range []string{"FAISS IVF-Flat", "FAISS IVF-PQ", "DiskANN", "LanceDB"} {
			x.Peer, x.Memory = peer, float64(4+8*i)
			add(x, float64(4000/(i+1)))
		}
	}
	return rows
}
