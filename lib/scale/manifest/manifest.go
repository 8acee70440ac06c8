// Package manifest writes what starts the workers of a job on a cluster: a Kubernetes Indexed Job, or the script of a Slurm array.
// Every worker runs
//
//	anncapacity scale task --work URL --workers N
//
// and finds its index, and with it its share of the tasks, in JOB_COMPLETION_INDEX (Kubernetes), SLURM_ARRAY_TASK_ID (Slurm) or
// AWS_BATCH_JOB_ARRAY_INDEX (AWS Batch). A worker that is started again skips the tasks whose results are stored.
package manifest

import (
	"bytes"
	_ "embed" // the templates
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"
)

// Job describes the workers of a job. The zero value of a field that has a default means the default.
type Job struct {
	Name    string   // of the job. Zero means anncapacity. At most 52 letters, digits and hyphens
	Work    string   // the work folder: a URL of a bucket, or a path that is the same on every worker
	Workers int      // number of workers, from 1 to 100,000
	Image   string   // container image. Kubernetes needs one; without one, Slurm starts the program of the nodes
	Program []string // what is started. Zero means anncapacity for Slurm without an image, and bin/anncapacity of the image otherwise
	CPUs    int      // of a worker. Zero means 4
	Memory  int64    // of a worker in bytes; Memory of package scale's Cost and Overhead, for example
	Retries int      // times that a worker that failed is started again. Zero means 3
	Env     []string // environment variables, as NAME=VALUE

	Mounts []Mount       // volumes, for a work folder or data that lie in folders. Kubernetes only
	Secret string        // name of a secret whose entries become environment variables, such as the keys of a bucket. Kubernetes only
	Limit  time.Duration // time after which a worker is ended. Zero means no limit. Slurm only
}

// Mount is a persistent volume in the file system of every worker.
type Mount struct {
	Claim string // name of the PersistentVolumeClaim
	Path  string // folder in the container
}

// Overhead is the memory in bytes of the program beside what the tasks hold: code, buffers of requests, and garbage.
const Overhead = 512 << 20

const (
	maxWorkers = 100_000 // of an Indexed Job with a limit of retries for each index
	minMemory  = 64 << 20
)

var (
	nameForm     = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$`)
	objectForm   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$`)
	variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)
)

//go:embed kubernetes.yaml
var kubernetes string

//go:embed slurm.sh
var slurm string

// Kubernetes returns the manifest of an Indexed Job in YAML, for kubectl apply. A pod that its node ended does not count as a failure.
// Errors name the field.
func Kubernetes(j Job) ([]byte, error) {
	j = j.withDefaults("bin/anncapacity")
	if err := errors.Join(j.Check(), j.checkMemory()); err != nil {
		return nil, err
	}
	if j.Image == "" {
		return nil, errors.New("a Kubernetes job needs a container image")
	}
	if j.Limit != 0 {
		return nil, errors.New("a limit of time is for Slurm alone")
	}
	if !j.reachable() {
		return nil, fmt.Errorf("work folder %s: no volume of the pods holds it", j.Work)
	}
	return j.write("kubernetes.yaml", kubernetes)
}

// Slurm returns the script of an array, for sbatch. With an image, Apptainer runs it. Errors name the field.
func Slurm(j Job) ([]byte, error) {
	program := "anncapacity"
	if j.Image != "" {
		program = "/home/ann/anncapacity/bin/anncapacity" // Apptainer starts in the folder of the caller
	}
	j = j.withDefaults(program)
	if err := errors.Join(j.Check(), j.checkMemory()); err != nil {
		return nil, err
	}
	if j.Secret != "" || len(j.Mounts) > 0 {
		return nil, errors.New("secrets and volumes are for Kubernetes alone: the nodes of Slurm have the files of the user")
	}
	if j.Limit < 0 {
		return nil, fmt.Errorf("limit of time %v: want at least 0", j.Limit)
	}
	return j.write("slurm.sh", slurm)
}

func (j Job) withDefaults(program string) Job {
	if j.Name == "" {
		j.Name = "anncapacity"
	}
	if len(j.Program) == 0 {
		j.Program = []string{program}
	}
	if j.CPUs == 0 {
		j.CPUs = 4
	}
	if j.Retries == 0 {
		j.Retries = 3
	}
	return j
}

// Check returns an error that names the fields out of range, except Memory, which may be known only after a look at the plan.
func (j Job) Check() error { return errors.Join(j.checkLines(), j.checkFields(), j.checkMounts()) }

// checkFields returns an error that names the first field out of range.
func (j Job) checkFields() error {
	switch {
	case !nameForm.MatchString(j.Name):
		return fmt.Errorf("name %q: want at most 52 lower-case letters, digits and hyphens", j.Name)
	case j.Work == "":
		return errors.New("the work folder is missing")
	case !strings.Contains(j.Work, "://") && !path.IsAbs(j.Work):
		return fmt.Errorf("work folder %s: want a URL or an absolute path, because workers have other working directories", j.Work)
	case j.Workers < 1 || j.Workers > maxWorkers:
		return fmt.Errorf("%d workers: want 1 to %d", j.Workers, maxWorkers)
	case j.CPUs < 1:
		return fmt.Errorf("%d CPUs of a worker: want at least 1", j.CPUs)
	case j.Retries < 1:
		return fmt.Errorf("%d retries: want at least 1", j.Retries)
	case j.Secret != "" && !objectForm.MatchString(j.Secret):
		return fmt.Errorf("secret %q: not the name of an object of Kubernetes", j.Secret)
	}
	return nil
}

func (j Job) checkMemory() error {
	if j.Memory < minMemory {
		return fmt.Errorf("%d bytes of memory of a worker: want at least %d", j.Memory, minMemory)
	}
	return nil
}

// checkLines returns an error for variables that are none, and for line breaks.
func (j Job) checkLines() error {
	for _, v := range j.Env {
		if !variableForm.MatchString(v) {
			return fmt.Errorf("environment variable %q: want NAME=VALUE", v)
		}
	}
	for _, text := range append(append([]string{j.Work, j.Image}, j.Program...), j.Env...) {
		if strings.ContainsAny(text, "\x00\n\r") {
			return fmt.Errorf("%q has a line break", text)
		}
	}
	return nil
}

// reachable reports whether the work folder is a bucket, or lies in a volume.
func (j Job) reachable() bool {
	scheme, folder, isURL := strings.Cut(j.Work, "://")
	if isURL && scheme != "file" {
		return true
	}
	if !isURL {
		folder = j.Work
	}
	return slices.ContainsFunc(j.Mounts, func(m Mount) bool {
		return strings.HasPrefix(path.Clean(folder)+"/", strings.TrimSuffix(path.Clean(m.Path), "/")+"/")
	})
}

// checkMounts returns an error for a wrong volume.
func (j Job) checkMounts() error {
	for _, m := range j.Mounts {
		if !objectForm.MatchString(m.Claim) || !path.IsAbs(m.Path) || strings.ContainsAny(m.Path, ":\n\r") {
			return fmt.Errorf("volume %s:%s: want the name of a claim and an absolute path", m.Claim, m.Path)
		}
	}
	return nil
}

// MiB returns the memory of a worker, rounded up.
func (j Job) MiB() int64 { return (j.Memory + 1<<20 - 1) >> 20 }

// SoftLimit returns the memory in MiB from which Go collects garbage more often: nine tenths. XLA's buffers are not counted.
func (j Job) SoftLimit() int64 { return j.MiB() * 9 / 10 }

// Last returns the highest index of a worker.
func (j Job) Last() int { return j.Workers - 1 }

// Minutes returns the limit of time, rounded up.
func (j Job) Minutes() int64 { return int64((j.Limit + time.Minute - 1) / time.Minute) }

// Attempts returns a value for each start of a worker: the first and the retries.
func (j Job) Attempts() []struct{} { return make([]struct{}, j.Retries+1) }

// Command returns the command of a worker.
func (j Job) Command() []string {
	return append(append([]string{}, j.Program...), "scale", "task", "--work", j.Work, "--workers", fmt.Sprint(j.Workers))
}

func (j Job) write(name, text string) ([]byte, error) {
	parsed, err := template.New(name).Funcs(template.FuncMap{
		"yaml": quoteYAML, "shell": quoteShell, "words": quoteWords, "before": before, "after": after,
	}).Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = parsed.Execute(&b, j)
	return b.Bytes(), err
}

func before(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}

func after(variable string) string {
	_, value, _ := strings.Cut(variable, "=")
	return value
}

// quoteYAML returns a string of JSON, which is one of YAML, too.
func quoteYAML(s string) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(s)
	return strings.TrimSuffix(b.String(), "\n"), err
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+:,./=-]+$`)

// quoteShell returns a word of the shell.
func quoteShell(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func quoteWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quoteShell(w)
	}
	return strings.Join(quoted, " ")
}
