package study

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"anncapacity/lib/internal/checkout"
)

// Job is what a notebook, or one call of make, works on: a dataset, a network and a size. All its files have their
// places here.
type Job struct {
	Dataset string // images.Open's argument
	Weights string // resnet50.OpenWeights' argument
	Profile Profile
	Root    string // the top of the checkout, or any folder: out/ and figures/ lie in it
}

// Profile is a size of the study.
type Profile struct {
	Name   string
	Images int // embedded: a draw from the dataset. Zero means all.
	Runs   int
	Subset int // points of a run, or all that there are when they are fewer
}

// Profiles are the sizes to choose from; the first is the default.
var Profiles = []Profile{
	{Name: "quick", Images: 2000, Runs: 3, Subset: 1500},
	{Name: "paper", Runs: 10, Subset: 10000},
}

// JobFromEnv reads DATASET, WEIGHTS and PROFILE; unset, they mean generated images, an untrained network, quick. The
// root is the nearest folder upwards from the working directory that holds go.mod.
func JobFromEnv() (Job, error) {
	job := Job{Dataset: orElse(os.Getenv("DATASET"), "generated"), Weights: orElse(os.Getenv("WEIGHTS"), "untrained")}
	name := orElse(os.Getenv("PROFILE"), Profiles[0].Name)
	for _, p := range Profiles {
		if p.Name == name {
			job.Profile = p
		}
	}
	if job.Profile.Name == "" {
		return job, fmt.Errorf("PROFILE=%s: quick and paper are known", name)
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

// DatasetName and WeightsName are the words for captions and paths: a folder's own name, and a weight file's, or its
// folder's where the file is just called model. Of FILE:PREFIX the prefix stays: dino.pth:teacher. is dino-teacher.
func (j Job) DatasetName() string { return strings.ReplaceAll(filepath.Base(j.Dataset), ":", "-") }

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

// Untrained says that a figure must not be read as one about a trained network.
func (j Job) Untrained() bool { return j.Weights == "untrained" }

// Dir is where the job's results go.
func (j Job) Dir() string {
	return filepath.Join(j.Root, "out", fmt.Sprintf("%s-%s-%s", j.DatasetName(), j.WeightsName(), j.Profile.Name))
}

// Embeddings is the job's FILE.npy.
func (j Job) Embeddings() string { return filepath.Join(j.Dir(), "embeddings.npy") }

// Records is the job's records.csv.
func (j Job) Records() string { return filepath.Join(j.Dir(), RecordsFile) }

// Figures is where the job's figures for the paper go.
func (j Job) Figures() string { return filepath.Join(j.Root, "figures", j.DatasetName()) }

// Options are the study of n embeddings at the job's size.
func (j Job) Options(n int) Options {
	return Options{Embeddings: j.Embeddings(), Out: j.Dir(), Runs: j.Profile.Runs, Subset: min(j.Profile.Subset, n)}
}
