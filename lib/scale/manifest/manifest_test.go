package manifest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/internal/checkout"
)

// full sets every field that both kinds have, with characters that YAML or the shell would interpret.
var full = Job{
	Name: "truth-1", Work: "s3://bucket/it's?region=x&endpoint=http://h:1#: \"$HOME\"", Workers: 7,
	Image: "registry.example/anncapacity:1", Program: []string{"/opt/my programs/anncapacity"}, CPUs: 2, Memory: 3<<30 + 1, Retries: 2,
	Env: []string{"AWS_REGION=eu central-1", "EMPTY=", "GOMLX_BACKEND=xla:/lib/x.so"},
}

// onKubernetes is full with what is for Kubernetes alone.
func onKubernetes() Job {
	j := full
	j.Secret, j.Mounts = "bucket.keys", []Mount{{"data", "/data"}, {"more-data", "/more data"}}
	return j
}

func TestKubernetes(t *testing.T) {
	text, err := Kubernetes(onKubernetes())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"completionMode: Indexed\n", "completions: 7\n", "parallelism: 7\n", "backoffLimitPerIndex: 2\n", "restartPolicy: Never\n",
		`image: "registry.example/anncapacity:1"`, `- "/opt/my programs/anncapacity"`, `- "--workers"`, `- "7"`, "memory: 3073Mi\n", "value: 2765MiB\n",
		`- "s3://bucket/it's?region=x&endpoint=http://h:1#: \"$HOME\""`, `value: "eu central-1"`, `claimName: "more-data"`, `name: "bucket.keys"`,
	} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

// validator reads a list of manifests as JSON, and prints for each whether it is valid by the newest schema, without unknown fields.
const validator = `
import json, sys, yaml, kubernetes_validate as k
for text in json.load(sys.stdin):
    try:
        k.validate(yaml.safe_load(text), k.latest_version(), strict=True)
        print("valid")
    except k.ValidationError as e:
        print("invalid: " + " ".join(e.message.split()))
`

// TestKubernetesSchema asks kubernetes-validate, which has the schema of Kubernetes, to check manifests.
func TestKubernetesSchema(t *testing.T) {
	python, err := checkout.Installed("scale/lib/python3*/site-packages/kubernetes_validate/__init__.py")
	if err != nil {
		t.Skip("the schema of Kubernetes is not installed: make scale-test installs it and runs this test")
	}
	python = filepath.Join(python, "../../../../../bin/python")
	small, err := Kubernetes(Job{Work: "/data/work", Workers: 1, Image: "i", Memory: 1 << 30, Mounts: []Mount{{"data", "/data"}}})
	if err != nil {
		t.Fatal(err)
	}
	large, err := Kubernetes(onKubernetes())
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(small), string(large)}
	for before, after := range map[string]string{
		"backoffLimitPerIndex: ": "backoffLimitPerIndexes: ", "completions: ": "completions: x", "restartPolicy: ": "restartPolicies: ",
	} {
		texts = append(texts, strings.Replace(string(large), before, after, 1))
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(python, "-c", validator)
	c.Stdin = bytes.NewReader(in)
	out, err := c.CombinedOutput()
	lines := strings.Split(string(out), "\n")
	if err != nil || len(lines) != 6 {
		t.Fatalf("%v: %s", err, out)
	}
	for i, line := range lines[:5] {
		if valid := line == "valid"; valid != (i < 2) {
			t.Errorf("%s\n%s", line, texts[i])
		}
	}
}

// nodes are the programs of a node of a cluster: srun and apptainer run their arguments, and the worker fails as often as FAILURES says.
var nodes = map[string]string{
	"srun":      "#!/bin/bash\nwhile [[ $1 == --* ]]; do shift; done\nexec \"$@\"\n",
	"apptainer": "#!/bin/bash\nprintf 'image %s\\n' \"$2\"\nshift 2\nexec \"$@\"\n",
	"anncapacity": "#!/bin/bash\nprintf '%s|' \"$@\" \"$GOMAXPROCS\" \"$GOMEMLIMIT\" \"$REGION\"; echo\n" +
		"printf x >>\"$COUNT\"; (($(wc -c <\"$COUNT\") > FAILURES))\n",
}

// slurmRun runs a script as a node would, and returns what it printed.
func slurmRun(t *testing.T, script []byte, failures string) (string, error) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range nodes {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command("bash", "-s")
	c.Stdin = bytes.NewReader(script)
	c.Env = []string{"PATH=" + folder + ":" + os.Getenv("PATH"), "COUNT=" + filepath.Join(folder, "count"), "FAILURES=" + failures, "SLURM_CPUS_PER_TASK=2"}
	out, err := c.CombinedOutput()
	return string(out), err
}

func TestSlurm(t *testing.T) {
	j := full
	j.Program, j.Limit, j.Env = nil, 90*time.Minute+1, []string{"REGION=it's $HOME"}
	j.Image = ""
	script, err := Slurm(j)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--array=0-6\n", "--cpus-per-task=2\n", "--mem=3073M\n", "--time=91\n", "--requeue\n", "--job-name=truth-1\n"} {
		if !strings.Contains(string(script), "\n#SBATCH "+want) {
			t.Errorf("there is no %q in\n%s", want, script)
		}
	}
	line := "scale|task|--work|" + j.Work + "|--workers|7|2|2765MiB|it's $HOME|\n"
	if out, err := slurmRun(t, script, "2"); err != nil || strings.Count(out, line) != 3 {
		t.Errorf("two failures: %v\n%s\nwant three times\n%s", err, out, line)
	}
	if out, err := slurmRun(t, script, "3"); err == nil || strings.Count(out, line) != 3 {
		t.Errorf("three failures: %v\n%s", err, out)
	}
	j.Image, j.Program = "docker://an image", []string{"anncapacity"}
	if script, err = Slurm(j); err != nil {
		t.Fatal(err)
	}
	if out, err := slurmRun(t, script, "0"); err != nil || out != "image docker://an image\n"+line {
		t.Errorf("with an image: %v\n%s", err, out)
	}
	if shellcheck, err := exec.LookPath("shellcheck"); err == nil {
		c := exec.Command(shellcheck, "-")
		c.Stdin = bytes.NewReader(script)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("shellcheck: %s", out)
		}
	}
}

func TestErrors(t *testing.T) {
	for want, change := range map[string]func(*Job){
		"name \"A b\"":            func(j *Job) { j.Name = "A b" },
		"work folder is missing":  func(j *Job) { j.Work = "" },
		"work folder results":     func(j *Job) { j.Work = "results" },
		"0 workers":               func(j *Job) { j.Workers = 0 },
		"-1 CPUs":                 func(j *Job) { j.CPUs = -1 },
		"1000 bytes of memory":    func(j *Job) { j.Memory = 1000 },
		"-1 retries":              func(j *Job) { j.Retries = -1 },
		"variable \"A B=1\"":      func(j *Job) { j.Env = []string{"A B=1"} },
		"has a line break":        func(j *Job) { j.Env = []string{"A=1\n2"} },
		"secret \"a/b\"":          func(j *Job) { j.Secret = "a/b" },
		"volume data:relative":    func(j *Job) { j.Mounts = []Mount{{"data", "relative"}} },
		"needs a container image": func(j *Job) { j.Image = "" },
		"for Slurm alone":         func(j *Job) { j.Limit = time.Hour },
		"no volume of the pods":   func(j *Job) { j.Work = "file:///database/work" },
	} {
		j := onKubernetes()
		change(&j)
		if _, err := Kubernetes(j); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Slurm(onKubernetes()); err == nil || !strings.Contains(err.Error(), "for Kubernetes alone") {
		t.Errorf("Slurm with a secret: %v", err)
	}
}
