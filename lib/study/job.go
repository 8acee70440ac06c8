package study

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"anncapacity/lib/internal/checkout"
)

// Job is the input of a notebook or of one call of make: a dataset, a network and a size of the study. Its methods return
// the paths of all its files.
type Job struct {
	Dataset string // argument of images.Open
	Weights string // argument of resnet50.OpenWeights
	Profile Profile
	Root    string // folder that contains out/ and figures/; usually the root of the checkout
}

// Profile is a size of the study.
type Profile struct {
	Name   string
	Images int // number of images drawn from the dataset. Zero means all.
	Runs   int
	Subset int // maximum number of points of a run
}

// Profiles lists the available sizes; the first is the default.
var Profiles = []Profile{
	{Name: "quick", Images: 2000, Runs: 3, Subset: 1500},
	{Name: "paper", Runs: 10, Subset: 10000},
}

// JobFromEnv returns the job that the environment variables DATASET, WEIGHTS and PROFILE specify. Their defaults are
// generated, untrained and quick. The root is the nearest folder, from the working directory upwards, that contains go.mod.
func JobFromEnv() (Job, error) {
	job := Job{Dataset: orElse(os.Getenv("DATASET"), "generated"), Weights: orElse(os.Getenv("WEIGHTS"), "untrained")}
	name := orElse(os.Getenv("PROFILE"), Profiles[0].Name)
	for _, p := range Profiles {
		if p.Name == name {
			job.Profile = p
		}
	}
	if job.Profile.Name == "" {
		return job, fmt.Errorf("PROFILE=%s: must be quick or paper", name)
	}
	root, err := checkout.Root()
	job.Root = root
	return job, err
}

func orElse(value, standard string) string {
	if value == "" {
		return standard
	}
	return value
}

// DatasetName returns the name of the dataset for captions and paths: the last element of its path, with "-" in place of ":".
func (j Job) DatasetName() string { return strings.ReplaceAll(filepath.Base(j.Dataset), ":", "-") }

// WeightsName returns the name of the network for captions and paths: the name of the weight file without its extension, or
// the name of its folder if the file is called model. For FILE:PREFIX it includes the prefix: dino.pth:teacher. gives
// dino-teacher.
func (j Job) WeightsName() string {
	file, prefix, chosen := strings.Cut(filepath.Base(j.Weights), ":")
	name := strings.TrimSuffix(file, ".tar") // as in .pth.tar
	name = strings.TrimSuffix(name, filepath.Ext(name))
	if name == "model" {
		name = filepath.Base(filepath.Dir(j.Weights))
	}
	if chosen {
		name += "-" + strings.TrimSuffix(prefix, ".")
	}
	return name
}

// Untrained reports whether the network is untrained. Figures of such a job say nothing about trained networks.
func (j Job) Untrained() bool { return j.Weights == "untrained" }

// Dir returns the folder of the job's results.
func (j Job) Dir() string {
	return filepath.Join(j.Root, "out", fmt.Sprintf("%s-%s-%s", j.DatasetName(), j.WeightsName(), j.Profile.Name))
}

// Embeddings returns the path of the job's embeddings.
func (j Job) Embeddings() string { return filepath.Join(j.Dir(), "embeddings.npy") }

// Records returns the path of the job's records.
func (j Job) Records() string { return filepath.Join(j.Dir(), RecordsFile) }

// Sift returns the folder of SIFT descriptors of the job's dataset.
func (j Job) Sift() string { return filepath.Join(j.Dir(), "sift") }

// Index returns the folder of the job's index on a disk.
func (j Job) Index() string { return filepath.Join(j.Dir(), "index") }

// Figures returns the folder of the job's figures for the paper.
func (j Job) Figures() string { return filepath.Join(j.Root, "figures", j.DatasetName()) }

// Options returns the options of the study of n embeddings at the job's size.
func (j Job) Options(n int) Options {
	return Options{Embeddings: j.Embeddings(), Out: j.Dir(), Runs: j.Profile.Runs, Subset: min(j.Profile.Subset, n)}
}
