package growth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/parts"
)

// version must be incremented when a change of the code changes what is measured of the other engines. The project's own measurements
// depend on its program.
const version = 4

// Options are the parameters of Run.
type Options struct {
	Out         string                   // folder of the stored measurements
	Photographs string                   // file of embeddings, for the set of that name
	Program     []string                 // command that calls Serve in a new process
	Python      string                   // Python with the peers
	Script      string                   // environment/peers/growth.py
	Done        func(j Job, stored bool) // called after each measurement; may be nil
}

// Run returns the records of all jobs. Measurements that are stored in Out are not repeated, except those of the project by another
// program than Program. At most one process measures at a time. The vectors of a job are written to Out/parts and removed when its set has another number of points.
func Run(ctx context.Context, jobs []Job, o Options) ([]Record, error) {
	for _, j := range jobs {
		if err := j.Check(); err != nil {
			return nil, err
		}
	}
	dir, err := parts.Folder(o.Out, "growth")
	if err != nil {
		return nil, err
	}
	own, err := hashOf(o.Program[0])
	if err != nil {
		return nil, err
	}
	var records []Record
	in := inputs{dir: dir, options: o}
	defer in.remove()
	stored := parts.Kind[Record]{Read: readRecord, Write: writeRecord}
	for _, j := range jobs {
		path := filepath.Join(dir, fmt.Sprintf("%s-%s-%d-%d-%s.json", j.Set, j.Engine, j.Points, j.Round, key(j, own)))
		r, found, err := stored.Get(path, func() (Record, error) { return in.measure(ctx, j) })
		if err != nil {
			return records, fmt.Errorf("growth: %s, %s, %d points: %w", j.Engine, j.Set, j.Points, err)
		}
		if records = append(records, r); o.Done != nil {
			o.Done(j, found)
		}
	}
	return records, nil
}

// hashOf returns a hash of the file of a program.
func hashOf(program string) (hash [sha256.Size]byte, err error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return hash, err
	}
	text, err := os.ReadFile(path)
	return sha256.Sum256(text), err
}

// key returns a hash of what a measurement depends on; own is the hash of the program.
func key(j Job, own [sha256.Size]byte) string {
	return parts.Key(func(sum io.Writer) {
		fmt.Fprintln(sum, version, j, M, EfConstruction, K, Queries, Efforts, runtime.NumCPU())
		if j.Engine == Own {
			fmt.Fprintf(sum, "%x", own)
		}
	})
}

func readRecord(path string) (r Record, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func writeRecord(path string, r Record) error {
	return atomicfile.Write(path, func(w io.Writer) error { return json.NewEncoder(w).Encode(r) })
}

// inputs are the files that a process reads: vectors, queries and their exact neighbours.
type inputs struct {
	dir     string
	options Options
	set     string // of the files that exist; "" if there are none
	points  int
}

// Names of the files of inputs.
const (
	baseFile    = "base.npy"
	queriesFile = "queries.npy"
	truthFile   = "truth.ivecs"
)

func (in *inputs) remove() { os.RemoveAll(filepath.Join(in.dir, "vectors")) }

// prepare writes the files for a job, unless they exist.
func (in *inputs) prepare(ctx context.Context, j Job) error {
	if in.set == j.Set && in.points == j.Points {
		return nil
	}
	in.remove()
	in.set = ""
	base, queries, err := Vectors(j.Set, j.Points, Queries, in.options.Photographs)
	if err != nil {
		return err
	}
	truth, err := exact.New(base).SearchBatch(ctx, queries, K)
	if err != nil {
		return err
	}
	dir := filepath.Join(in.dir, "vectors")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := embedding.Write(filepath.Join(dir, baseFile), base, make([]embedding.Row, base.N)); err != nil {
		return err
	}
	if err := embedding.Write(filepath.Join(dir, queriesFile), queries, make([]embedding.Row, queries.N)); err != nil {
		return err
	}
	if err := embedding.WriteNeighbors(filepath.Join(dir, truthFile), truth); err != nil {
		return err
	}
	in.set, in.points = j.Set, j.Points
	return nil
}

// Settings of the C library in a process that measures speeds or memory. They replace the settings that this program has for itself
// (package memory), which keep freed memory. Speeds are measured with huge pages for all engines, as the project uses them for its
// links. Memory is not, because malloc keeps up to one huge page of 2 MB free at the end of its heap, and one for each thread.
// Those that are resident before a construction would be missing in the growth, and others would be counted as used.
const (
	forSpeeds = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1"
	forMemory = "GLIBC_TUNABLES=glibc.malloc.hugetlb=0"
)

// measure runs the processes of a job and returns its record.
func (in *inputs) measure(ctx context.Context, j Job) (Record, error) {
	if err := in.prepare(ctx, j); err != nil {
		return Record{}, err
	}
	asked := request{Vectors: filepath.Join(in.dir, "vectors"), M: M, EfConstruction: EfConstruction, K: K, Efforts: Efforts, Threads: runtime.NumCPU()}
	r, err := in.ask(ctx, j.Engine, asked, forSpeeds)
	if err != nil {
		return r, err
	}
	asked.MemoryAlone = true
	used, err := in.ask(ctx, j.Engine, asked, forMemory)
	r.Memory, r.Held = used.Memory, used.Held
	r.Set, r.Engine, r.Points, r.Round = j.Set, j.Engine, j.Points, j.Round
	r.M, r.EfConstruction, r.K, r.Queries, r.Threads = M, EfConstruction, K, Queries, runtime.NumCPU()
	return r, err
}

// ask runs a process of an engine, with a setting in its environment, and returns its answer.
func (in *inputs) ask(ctx context.Context, engine string, asked request, setting string) (r Record, err error) {
	command := in.options.Program
	if engine != Own {
		command = []string{in.options.Python, in.options.Script, engine}
	}
	request, err := json.Marshal(asked)
	if err != nil {
		return r, err
	}
	cmd := exec.CommandContext(ctx, command[0], append(command[1:len(command):len(command)], string(request))...)
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.Env = append(os.Environ(), setting)
	out, err := cmd.Output()
	if err != nil {
		return r, errors.Join(ctx.Err(), fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes())))
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, fmt.Errorf("answer %q: %w", out, err)
	}
	return r, nil
}

// request tells a process what to measure.
type request struct {
	Vectors        string // folder of the files of inputs
	M              int
	EfConstruction int
	K              int
	Efforts        [2]int
	Threads        int
	MemoryAlone    bool // measure Memory and Held, and nothing else
}
