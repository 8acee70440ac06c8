package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"anncapacity/lib/engine/engines"
)

// The commands of the tests run in a folder whose files in.fvecs, in.npy, in.h5, w.pth and records/records.csv are not valid
// embeddings, weights or records. A check that comes after the reading of an input is therefore not reached.
const (
	exactTest   = "exact --embeddings in.fvecs --out "
	embedTest   = "embed --dataset generated:2 --weights w.pth --cache cache --out "
	studyTest   = "study --embeddings in.npy --out results"
	enginesTest = "engines --embeddings in.npy --out results"
	bulkTest    = "engines --bulk --embeddings in.npy --out results"
	figuresTest = "figures --records records --out figs"
)

const rowTable = "row,image,class\n0,a.jpg,\n"

// A case is a command, steps that add files to the folder, and texts that the error must contain. The steps are "write FILE",
// which writes a line that no command writes, "rows FILE", which writes a table as embed does, "mkdir", "fifo",
// "symlink TARGET NAME" and "hardlink FILE NAME".
var refused = []struct {
	command string
	steps   []string
	says    []string
}{
	// The outputs are valid, so that the input is read, which is not valid.
	{exactTest + "t.ivecs", nil, []string{"in.fvecs: "}},
	{exactTest + "new/sub/t.ivecs", nil, []string{"in.fvecs: "}},
	{exactTest + "t.ivecs", []string{"write t.csv", "write t.npy"}, []string{"in.fvecs: "}},
	{embedTest + "e.npy", nil, []string{"w.pth: "}},
	{embedTest + "e.npy", []string{"write e.npy", "rows e.csv"}, []string{"w.pth: "}},
	{studyTest, []string{"mkdir results", "write results/surface.csv", "write results/notes.txt"}, []string{"in.npy: "}},
	{enginesTest, []string{"mkdir results", "write results/bulk.csv", "write results/records.csv"}, []string{"in.npy: "}},
	{bulkTest, []string{"mkdir results", "write results/engines.csv"}, []string{"in.npy: "}},
	{figuresTest, []string{"mkdir figs", "write figs/notes.md", "write figs/capacity.pdf"}, []string{"records.csv"}},

	// An output is an input.
	{exactTest + "in.ivecs", nil, []string{"in.fvecs would be replaced", "-embeddings in.fvecs"}},
	{exactTest + "./in.ivecs", nil, []string{"in.fvecs would be replaced"}},
	{exactTest + "$PWD/in.ivecs", nil, []string{"$PWD/in.fvecs would be replaced"}},
	{exactTest + "sub/../in.ivecs", []string{"mkdir sub"}, []string{"in.fvecs would be replaced"}},
	{exactTest + "link/../in.ivecs", []string{"mkdir sub", "mkdir sub/deep", "hardlink in.fvecs sub/in.fvecs", "symlink sub/deep link"}, []string{"link/../in.fvecs would be replaced"}},
	{exactTest + "link/in.ivecs", []string{"symlink . link"}, []string{"link/in.fvecs would be replaced"}},
	{exactTest + "t.ivecs", []string{"symlink in.fvecs t.fvecs"}, []string{"t.fvecs would be replaced", "in.fvecs"}},
	{exactTest + "t.ivecs", []string{"hardlink in.fvecs t.ivecs"}, []string{"t.ivecs would be replaced", "in.fvecs"}},
	{exactTest + "t.ivecs", []string{"hardlink in.fvecs t.fvecs"}, []string{"t.fvecs would be replaced", "in.fvecs"}},
	{"exact --embeddings link.fvecs --out in.ivecs", []string{"symlink in.fvecs link.fvecs"}, []string{"in.fvecs would be replaced", "link.fvecs"}},
	{"exact --embeddings in.h5:train --out t.ivecs", []string{"hardlink in.h5 t.fvecs"}, []string{"t.fvecs would be replaced", "in.h5:train"}},
	{embedTest + "e.npy", []string{"symlink w.pth e.npy"}, []string{"e.npy would be replaced", "-weights w.pth"}},
	{embedTest + "e.npy", []string{"hardlink w.pth e.csv"}, []string{"e.csv would be replaced", "-weights w.pth"}},
	{studyTest, []string{"mkdir results", "hardlink in.npy results/records.csv"}, []string{"results/records.csv would be replaced", "in.npy"}},
	{studyTest + " --explain", []string{"mkdir results", "symlink ../in.npy results/hubness.csv"}, []string{"results/hubness.csv would be replaced", "in.npy"}},
	{enginesTest, []string{"mkdir results", "hardlink in.npy results/engines.csv"}, []string{"results/engines.csv would be replaced", "in.npy"}},
	{bulkTest, []string{"mkdir results", "symlink ../in.npy results/bulk.csv"}, []string{"results/bulk.csv would be replaced", "in.npy"}},
	{figuresTest, []string{"mkdir figs", "write records/capacity.csv", "hardlink records/capacity.csv figs/Capacity.csv"}, []string{"figs/Capacity.csv would be replaced", "records/capacity.csv"}},

	// An output file exists and was not written by the program.
	{exactTest + "t.ivecs", []string{"write t.fvecs"}, []string{"t.fvecs"}},
	{exactTest + "t.ivecs", []string{"write t.ivecs"}, []string{"t.ivecs"}},
	{exactTest + "t.ivecs", []string{"write t.ivecs", "write t.fvecs"}, []string{"t.ivecs", "t.fvecs"}},
	{embedTest + "e.npy", []string{"write e.csv"}, []string{"e.csv"}},
	{embedTest + "e.npy", []string{"write e.npy"}, []string{"e.npy exists without e.csv"}},
	{studyTest, []string{"mkdir results", "write results/records.csv"}, []string{"results/records.csv"}},
	{studyTest, []string{"mkdir results", "rows results/as_published.csv"}, []string{"results/as_published.csv"}},
	{studyTest + " --explain", []string{"mkdir results", "write results/surface.csv"}, []string{"results/surface.csv"}},
	{enginesTest, []string{"mkdir results", "write results/engines.csv"}, []string{"results/engines.csv"}},
	{enginesTest, []string{"mkdir results", "write results/engine_records.csv"}, []string{"results/engine_records.csv"}},
	{bulkTest, []string{"mkdir results", "write results/bulk.csv"}, []string{"results/bulk.csv"}},
	{figuresTest, []string{"mkdir figs", "write figs/README.md"}, []string{"figs/README.md"}},
	{figuresTest, []string{"mkdir figs", "write figs/figures.tex"}, []string{"figs/figures.tex"}},
	{figuresTest, []string{"mkdir figs", "write figs/Policies.pdf"}, []string{"figs/Policies.pdf"}},
	{figuresTest, []string{"mkdir figs", "write figs/Norms.svg"}, []string{"figs/Norms.svg"}},
	{figuresTest, []string{"mkdir figs", "mkdir figs/cats", "write figs/cats/1.jpg"}, []string{"figs holds photographs (cats/1.jpg)"}},
	{"figures --records records --out photos/new --dataset photos", []string{"mkdir photos", "write photos/1.jpg"}, []string{"photos holds photographs (1.jpg)"}},

	// An output exists and is not a regular file.
	{exactTest + "t.ivecs", []string{"mkdir t.ivecs"}, []string{"t.ivecs is a folder"}},
	{exactTest + "t.ivecs", []string{"mkdir t.fvecs"}, []string{"t.fvecs is a folder"}},
	{exactTest + "t.ivecs", []string{"fifo t.ivecs"}, []string{"t.ivecs is not a regular file"}},
	{exactTest + "t.ivecs", []string{"fifo t.fvecs"}, []string{"t.fvecs is not a regular file"}},
	{exactTest + "t.ivecs", []string{"write other", "symlink other t.ivecs"}, []string{"t.ivecs is a symbolic link"}},
	{exactTest + "t.ivecs", []string{"symlink nothing t.fvecs"}, []string{"t.fvecs is a symbolic link"}},
	{exactTest + "t.ivecs", []string{"symlink /dev/full t.ivecs"}, []string{"t.ivecs is a symbolic link"}},
	{embedTest + "e.npy", []string{"mkdir e.npy"}, []string{"e.npy is a folder"}},
	{embedTest + "e.npy", []string{"mkdir e.csv"}, []string{"e.csv is a folder"}},
	{embedTest + "e.npy", []string{"fifo e.npy"}, []string{"e.npy is not a regular file"}},
	{studyTest, []string{"write results"}, []string{"results is a file"}},
	{studyTest, []string{"mkdir results", "write results/parts"}, []string{"results/parts is a file"}},
	{studyTest, []string{"mkdir results", "mkdir results/records.csv"}, []string{"results/records.csv is a folder"}},
	{studyTest, []string{"mkdir results", "fifo results/records.csv"}, []string{"results/records.csv is not a regular file"}},
	{studyTest, []string{"symlink nothing results"}, []string{"results is a symbolic link to nothing"}},
	{enginesTest, []string{"write results"}, []string{"results is a file"}},
	{enginesTest, []string{"mkdir results", "mkdir results/engine_records.csv"}, []string{"results/engine_records.csv is a folder"}},
	{bulkTest, []string{"mkdir results", "fifo results/bulk.csv"}, []string{"results/bulk.csv is not a regular file"}},
	{figuresTest, []string{"write figs"}, []string{"figs is a file"}},
	{figuresTest, []string{"mkdir figs", "mkdir figs/README.md"}, []string{"figs/README.md is a folder"}},
	{figuresTest, []string{"mkdir figs", "fifo figs/Capacity.svg"}, []string{"figs/Capacity.svg is not a regular file"}},

	// No file can be created.
	{exactTest + "file/t.ivecs", []string{"write file"}, []string{"file: cannot be a folder"}},
	{exactTest + "/proc/t.ivecs", nil, []string{"no file can be created in /proc"}},
	{exactTest + "/proc/new/t.ivecs", nil, []string{"/proc/new"}},
	{embedTest + "file/sub/e.npy", []string{"write file"}, []string{"file/sub: cannot be a folder", "not a directory"}},
	{embedTest + "e.npy", []string{"write cache"}, []string{"cache is a file", "-cache"}},
	{embedTest + "e.npy --cache /proc/cache", nil, []string{"/proc/cache", "-cache"}},
	{strings.Replace(studyTest, "results", "file/results", 1), []string{"write file"}, []string{"file/results", "not a directory"}},
	{strings.Replace(enginesTest, "results", "/proc/results", 1), nil, []string{"/proc/results"}},
	{strings.Replace(figuresTest, "figs", "/proc/figs", 1), nil, []string{"/proc/figs"}},

	// Opening the input would block.
	{"exact --embeddings pipe.npy --out t.ivecs", []string{"fifo pipe.npy"}, []string{"-embeddings pipe.npy: is neither"}},
	{"exact --embeddings pipe.h5:train --out t.ivecs", []string{"fifo pipe.h5"}, []string{"-embeddings pipe.h5:train: is neither"}},
	{"advise --embeddings pipe.npy", []string{"fifo pipe.npy"}, []string{"-embeddings pipe.npy: is neither"}},
	{"study --embeddings pipe.npy --out results", []string{"fifo pipe.npy"}, []string{"-embeddings pipe.npy: is neither"}},
	{"engines --embeddings pipe.npy --out results", []string{"fifo pipe.npy"}, []string{"-embeddings pipe.npy: is neither"}},
	{"embed --dataset generated:2 --weights pipe.pth --cache cache --out e.npy", []string{"fifo pipe.pth"}, []string{"-weights pipe.pth: is neither"}},
	{"embed --dataset pipe --weights w.pth --cache cache --out e.npy", []string{"fifo pipe"}, []string{"-dataset pipe: is neither"}},
	{"figures --records pipe --out figs", []string{"fifo pipe"}, []string{"-records pipe: is neither"}},
	{"figures --records more --out figs", []string{"mkdir more", "fifo more/records.csv"}, []string{"more/records.csv: is neither"}},

	// Numbers and names are checked before inputs are read.
	{exactTest + "t.fvecs", nil, []string{"-out t.fvecs", ".ivecs"}},
	{exactTest + "t.ivecs --k 0", nil, []string{"-k 0"}},
	{exactTest + "t.ivecs --memory 0", nil, []string{"-memory 0"}},
	{exactTest + "t.ivecs --metric=hamming", nil, []string{"hamming"}},
	{embedTest + "e.csv", nil, []string{"-out e.csv", ".npy"}},
	{studyTest + " --runs 0", nil, []string{"-runs 0"}},
	{studyTest + " --subset=1", nil, []string{"-subset 1"}},
	{enginesTest + " --sample 0", nil, []string{"-sample 0"}},
	{enginesTest + " --k 10,0", nil, []string{"-k 0"}},
	{enginesTest + " --m 1", nil, []string{"-m 1"}},
	{bulkTest + " --bulk-points 50 --k 50", nil, []string{"k = 50"}},
}

// TestOutputsAreChecked checks the error of every command in refused, and that it leaves the folder unchanged.
func TestOutputsAreChecked(t *testing.T) {
	t.Setenv("GLIBC_TUNABLES", "glibc.malloc.") // prevents embed from starting the test program again
	for i, c := range refused {
		t.Run(fmt.Sprintf("%d %s %v", i, c.command, c.steps), func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			arrange(t, append([]string{"write in.fvecs", "write in.npy", "write in.h5", "write w.pth", "mkdir records", "write records/records.csv"}, c.steps...))
			before := snapshot(t, dir)
			err = dispatch(t.Context(), commands(engines.All(), Drivers{}), strings.Fields(strings.ReplaceAll(c.command, "$PWD", dir)))
			for _, says := range c.says {
				if says = strings.ReplaceAll(says, "$PWD", dir); err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("error %v, want %q", err, says)
				}
			}
			if after := snapshot(t, dir); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
		})
	}
}

// arrange executes the steps of a case.
func arrange(t *testing.T, steps []string) {
	t.Helper()
	for _, step := range steps {
		words := strings.Fields(step)
		var err error
		switch last := words[len(words)-1]; words[0] {
		case "write":
			err = os.WriteFile(last, []byte("# mine: "+step+"\n"), 0o600)
		case "rows":
			err = os.WriteFile(last, []byte(rowTable), 0o600)
		case "mkdir":
			err = os.Mkdir(last, 0o700)
		case "fifo":
			err = syscall.Mkfifo(last, 0o600)
		case "symlink":
			err = os.Symlink(words[1], last)
		case "hardlink":
			err = os.Link(words[1], last)
		default:
			t.Fatalf("no step %q", step)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// snapshot returns the content of a folder: one line for each file, with its path, its type, and its content or link target.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var content []byte
		switch {
		case entry.Type().IsRegular():
			content, err = os.ReadFile(path)
		case entry.Type()&fs.ModeSymlink != 0:
			var target string
			target, err = os.Readlink(path)
			content = []byte(target)
		}
		fmt.Fprintf(&b, "%s %v %q\n", path, entry.Type(), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A full disk and a read-only disk leave existing files of neighbours unchanged.
func TestFullAndReadOnlyDisks(t *testing.T) {
	vectors, disk := sampleFile(t), t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no file system can be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	args := []string{"exact", "--embeddings", vectors, "--out", filepath.Join(disk, "t.ivecs"), "--k"}
	if err := dispatch(t.Context(), commands(engines.All(), Drivers{}), append(args, "3")); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, disk)
	if err := dispatch(t.Context(), commands(engines.All(), Drivers{}), append(args, "100")); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "t.ivecs") {
		t.Errorf("a full disk: %v", err)
	}
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if err := dispatch(t.Context(), commands(engines.All(), Drivers{}), append(args, "4")); !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), disk) {
		t.Errorf("a read-only disk: %v", err)
	}
	if after := snapshot(t, disk); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}
