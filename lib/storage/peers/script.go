package peers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/parts"
)

// version changes whenever the content of a part does.
const version = "1"

// runner runs the peers on one set of files.
type runner struct {
	Options
	folder  string // of the parts
	scripts string
	base    string            // hash of the base
	asked   string            // hash of the queries and of the truth
	hashes  map[string]string // of the scripts
}

// prepare finds and hashes the scripts and the files, and computes the truth if there is none.
func (r *runner) prepare(ctx context.Context) (err error) {
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	r.scripts, r.hashes = filepath.Join(root, "environment", "peers", "storage"), map[string]string{}
	names, err := filepath.Glob(filepath.Join(r.scripts, "*.py"))
	if err != nil || len(names) == 0 {
		return errors.Join(err, fmt.Errorf("peers: no scripts in %s", r.scripts))
	}
	for _, name := range names {
		if r.hashes[filepath.Base(name)], err = hash(name); err != nil {
			return err
		}
	}
	if r.base, err = hash(r.Base); err != nil {
		return err
	}
	if r.asked, err = hash(r.Queries); err != nil {
		return err
	}
	if r.Truth == "" {
		if err := r.findTruth(ctx); err != nil {
			return fmt.Errorf("peers: Truth: %w", err)
		}
	}
	truth, err := hash(r.Truth)
	r.asked += truth
	return err
}

// findTruth lets FAISS find the exact neighbours, unless a part holds them.
func (r *runner) findTruth(ctx context.Context) error {
	faiss, _ := find("faiss-pq")
	if err := faiss.absent(); err != nil {
		return fmt.Errorf("%w: install FAISS (%s), or give the truth", err, faiss.install)
	}
	path := filepath.Join(r.folder, "truth-"+r.key(r.base, r.asked, r.hashes["truth.py"])+".ivecs")
	if _, err := os.Stat(path); err != nil {
		if err := r.run(ctx, faiss, "truth.py", r.Base, r.Queries, path+".new"); err != nil {
			return err
		}
		if err := os.Rename(path+".new", path); err != nil {
			return err
		}
	}
	r.Truth = path
	return nil
}

// part returns the rows of a peer at a budget: those of the stored report, or of a new one, which is stored if it passes the check.
func (r *runner) part(ctx context.Context, p peer, budget float64) ([]Row, error) {
	setting := []string{r.base, r.hashes[p.script], r.hashes["counting.py"], r.hashes["rows.py"], fmt.Sprint(budget, r.Seed)}
	index := filepath.Join(r.Out, "indexes", fmt.Sprintf("%s-%g-%s", p.index, budget, r.key(setting...)))
	path := filepath.Join(r.folder, fmt.Sprintf("%s-%g-%s.json", p.key, budget,
		r.key(append(setting, r.asked, fmt.Sprint(p.args, r.Efforts))...)))
	unchecked := path + ".unchecked"
	reports := parts.Kind[[]Row]{
		Read:  func(path string) ([]Row, error) { return readReport(path, p.key, budget) },
		Write: func(path string, _ []Row) error { return os.Rename(unchecked, path) },
	}
	rows, _, err := reports.Get(path, func() ([]Row, error) {
		if err := r.measure(ctx, p, budget, index, unchecked); err != nil {
			return nil, err
		}
		return reports.Read(unchecked)
	})
	return rows, err
}

// measure lets the script of a peer build its index, unless it is built, search it and write a report.
func (r *runner) measure(ctx context.Context, p peer, budget float64, index, report string) error {
	if err := os.MkdirAll(filepath.Dir(index), 0o755); err != nil {
		return err
	}
	args := append([]string{"--base", r.Base, "--queries", r.Queries, "--truth", r.Truth, "--index", index, "--report", report,
		"--budget", fmt.Sprint(budget), "--seed", fmt.Sprint(r.Seed)}, p.args...)
	if len(r.Efforts) > 0 {
		args = append(args, "--efforts", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(r.Efforts)), ","), "[]"))
	}
	return r.run(ctx, p, p.script, args...)
}

// run runs a script to its end. The error holds the end of what it wrote.
func (r *runner) run(ctx context.Context, p peer, script string, args ...string) error {
	python, err := checkout.Installed(p.interpreter())
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, python, append([]string{filepath.Join(r.scripts, script)}, args...)...)
	cmd.Dir = r.folder
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "OMP_WAIT_POLICY=PASSIVE")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var said tail
	cmd.Stdout, cmd.Stderr = &said, &said
	runtime.LockOSThread() // Pdeathsig is sent when this thread ends
	defer runtime.UnlockOSThread()
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s: %w\n%s", script, err, bytes.TrimSpace(said))
	}
	return nil
}

// tail keeps the last bytes that are written to it.
type tail []byte

const tailBytes = 4096

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	if len(*t) > tailBytes {
		*t = append((*t)[:0], (*t)[len(*t)-tailBytes:]...)
	}
	return len(p), nil
}

func (r *runner) key(of ...string) string {
	return parts.Key(func(sum io.Writer) {
		fmt.Fprintln(sum, version)
		for _, s := range of {
			fmt.Fprintln(sum, s)
		}
	})
}

// hash returns the SHA-256 of a file.
func hash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
