package command

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/engine/engines"
)

// asProgram is an environment variable that makes the test program run Main.
const asProgram = "ANNCAPACITY_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(engines.All(), Drivers{}))
	}
	os.Exit(m.Run())
}

// program returns a command that runs the program with the given arguments in dir.
func program(t *testing.T, dir string, args ...string) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	itself, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stderr = &bytes.Buffer{}
	cmd = exec.Command(itself, args...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), asProgram+"=1"), stderr
	return cmd, stderr
}

func TestExitStatus(t *testing.T) {
	for args, want := range map[string]int{
		"help": 0, "--help": 0, "exact -h": 0, "study --help": 0, "engines -h": 0, "figures -h": 0, "sift -h": 0, "embed -h": 0, "advise -h": 0, "download -h": 0, "version": 0,
		"": 2, "nonsense": 2, "exact --nonsense": 2, "exact --k many": 2, "download": 2,
		"exact": 1, "exact --embeddings none.npy --out t.ivecs": 1, "exact --k 1 more": 1, "version more": 1, "sift": 1, "sift --dataset none --out o": 1,
	} {
		cmd, stderr := program(t, t.TempDir(), strings.Fields(args)...)
		_ = cmd.Run() // the exit status is compared below
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("%q: exit status %d, want %d\n%s", args, got, want, stderr)
		}
	}
}

func TestVersion(t *testing.T) {
	cmd, stderr := program(t, t.TempDir(), "version")
	if out, err := cmd.Output(); err != nil || !strings.HasPrefix(string(out), "anncapacity ") || !strings.Contains(string(out), runtime.Version()+", "+runtime.GOOS+"/") {
		t.Errorf("%q, %v: %s", out, err, stderr)
	}
}

// The file of distances that belongs to sift_base.ivecs has the name of the input, which must not be replaced. The input is
// 300 × 8 numbers, seed 0.
func TestExactKeepsItsInput(t *testing.T) {
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(0, 0))
	var vectors []byte
	for range 300 {
		vectors = binary.LittleEndian.AppendUint32(vectors, 8)
		for range 8 {
			vectors, _ = binary.Append(vectors, binary.LittleEndian, float32(rng.NormFloat64()))
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "sift_base.fvecs"), vectors, 0o600); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	cmd, stderr := program(t, dir, "exact", "--embeddings", "sift_base.fvecs", "--out", "sift_base.ivecs")
	err := cmd.Run()
	if err == nil || strings.Count(stderr.String(), "sift_base.fvecs") != 2 {
		t.Errorf("%v: %s", err, stderr)
	}
	if after := snapshot(t, dir); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// An interrupt while a file of 512 MiB is read or processed ends the program with status 130 and leaves no output.
func TestInterrupt(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const n, d = 1 << 21, 64
	head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", n, d)
	head += strings.Repeat(" ", 117-len(head)) + "\n"
	file := filepath.Join(dir, "zeros.npy")
	if err := errors.Join(os.WriteFile(file, []byte("\x93NUMPY\x01\x00\x76\x00"+head), 0o600), os.Truncate(file, 128+4*n*d)); err != nil {
		t.Fatal(err)
	}
	for args, says := range map[string]string{
		"exact --embeddings zeros.npy --k 5 --out new/t.ivecs":          "exact: interrupted; the groups of queries that were finished are kept",
		"study --embeddings zeros.npy --out new --runs 1 --subset 2000": "study: interrupted; the runs that were finished are kept",
	} {
		cmd, stderr := program(t, dir, strings.Fields(args)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitUntilOpen(t, cmd.Process.Pid, file)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // the exit status is compared below
		if got := cmd.ProcessState.ExitCode(); got != 130 || !strings.Contains(stderr.String(), says) {
			t.Errorf("%s: exit status %d\n%s", args, got, stderr)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "new", "*.?vecs")); err != nil || left != nil {
			t.Errorf("%s left %v (%v)", args, left, err)
		}
	}
}

// waitUntilOpen waits until a process has a file open.
func waitUntilOpen(t *testing.T, pid int, file string) {
	t.Helper()
	for range 3000 {
		open, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, fd := range open {
			if target, err := os.Readlink(fd); err == nil && target == file {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s was not opened", file)
}

// The error of every interrupted command says what is kept.
func TestInterruptedErrors(t *testing.T) {
	for _, c := range commands(nil, Drivers{}) {
		err := error(interrupted{c})
		if !errors.Is(err, context.Canceled) || c.stopped == "" || !strings.HasPrefix(err.Error(), c.name+": interrupted; ") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// After -h, the help is on standard output. After a wrong flag, the last lines are the reason and where the flags are listed.
func TestHelpAndWrongFlags(t *testing.T) {
	for args, want := range map[string]string{
		"exact -h":      "usage: anncapacity exact [flags]\n  -embeddings FILE\n",
		"scale task -h": "usage: anncapacity scale task [flags] [task...]\n  -data location\n",
		"download -h":   "usage: anncapacity download ",
	} {
		cmd, stderr := program(t, t.TempDir(), strings.Fields(args)...)
		if out, err := cmd.Output(); err != nil || !strings.HasPrefix(string(out), want) || stderr.Len() > 0 {
			t.Errorf("%s: %v: %q, want %q…\n%s", args, err, out, want, stderr)
		}
	}
	for args, want := range map[string]string{
		"exact --nonsense":    "flag provided but not defined: -nonsense\nanncapacity exact -h lists the flags\n",
		"scale task --work":   "flag needs an argument: -work\nanncapacity scale task -h lists the flags\n",
		"download --nonsense": "flag provided but not defined: -nonsense\nanncapacity download -h lists the flags\n",
	} {
		cmd, stderr := program(t, t.TempDir(), strings.Fields(args)...)
		if out, err := cmd.Output(); cmd.ProcessState.ExitCode() != 2 || len(out) > 0 || stderr.String() != want {
			t.Errorf("%s: %v: %q, %s", args, err, out, stderr)
		}
	}
}
