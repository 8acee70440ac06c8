package cloud

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/command"
)

// asCommand makes the program of the tests the command anncapacity, for the workers that the command starts too.
const asCommand = "ANNCAPACITY_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(command.Main(nil, command.Drivers{}))
	}
	if err := os.Chdir("../../.."); err != nil { // from this module to the project, which package testkit looks for
		panic(err)
	}
	os.Exit(m.Run())
}

// anncapacity runs the command and returns what it prints.
func anncapacity(t *testing.T, args ...string) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Exact neighbours of vectors in a bucket, with the work folder in the bucket too, have the bytes that `anncapacity exact` writes
// for the same vectors in a file, and a second run computes nothing. The vectors are whole numbers, of which both compute the
// distances without rounding errors.
func TestScaleExactOnS3(t *testing.T) {
	const n, d, cut = 1500, 12, 700
	s := startServer(t)
	dir := t.TempDir()
	base := filepath.Join(dir, "base.fbin")
	data := whole(n, d)
	if err := os.WriteFile(base, append(binHeader(n, d), data...), 0o600); err != nil {
		t.Fatal(err)
	}
	s.upload(map[string][]byte{
		"set/part-0.fbin": append(binHeader(cut, d), data[:cut*d*4]...),
		"set/part-1.fbin": append(binHeader(n-cut, d), data[cut*d*4:]...),
	})
	want, got := filepath.Join(dir, "want.ivecs"), filepath.Join(dir, "got.ivecs")
	anncapacity(t, "exact", "-embeddings", base, "-k", "20", "-out", want)
	scale := []string{"scale", "exact", "-embeddings", s.location(bucketName, "set"), "-queries", "all", "-k", "20",
		"-query-block", "400", "-parts", "2", "-workers", "2", "-work", s.location(bucketName, "jobs/exact"), "-out", got}
	anncapacity(t, scale...)
	for _, extension := range []string{".ivecs", ".fvecs"} {
		a, err := os.ReadFile(strings.TrimSuffix(want, ".ivecs") + extension)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(strings.TrimSuffix(got, ".ivecs") + extension)
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: %d bytes differ from %d of exact: %v", extension, len(b), len(a), err)
		}
	}
	if again := anncapacity(t, scale...); !strings.Contains(again, "8 tasks: 0 computed by this run") {
		t.Errorf("the second run: %s", again)
	}
}

// A result whose object was damaged below its store, which still has the checksum of the whole object, is named, removed and computed
// again, without a repetition of the request.
func TestS3ResultOfAnotherChecksum(t *testing.T) {
	s := startServer(t)
	s.upload(map[string][]byte{"set/part.fbin": append(binHeader(300, 6), whole(300, 6)...)})
	scale := []string{"scale", "exact", "-embeddings", s.location(bucketName, "set"), "-queries", "all", "-k", "5",
		"-query-block", "100", "-work", s.location(bucketName, "job"), "-out", filepath.Join(t.TempDir(), "t.ivecs")}
	anncapacity(t, scale...)
	results, err := filepath.Glob(filepath.Join(s.data, bucketName, "job", "results", "*"))
	if err != nil || len(results) != 3 {
		t.Fatal(results, err)
	}
	content, err := os.ReadFile(results[1])
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(results[1], content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{"1 of them because their results were damaged", "3 tasks: 0 computed by this run"} {
		if out := anncapacity(t, scale...); !strings.Contains(out, says) || strings.Contains(out, "attempt") {
			t.Errorf("there is no %q in: %s", says, out)
		}
	}
}
