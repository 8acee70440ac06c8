package memory

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
)

const role = "ANNCAPACITY_TEST_TUNED"

// If role is set, TestMain is a program that tunes its memory and prints the resulting setting.
func TestMain(m *testing.M) {
	if os.Getenv(role) == "" {
		os.Exit(m.Run())
	}
	Tune()
	fmt.Print(os.Getpid(), " ", os.Args[1:], " ", os.Getenv(variable))
}

func TestTune(t *testing.T) {
	for before, after := range map[string]string{
		"":                      Tunables(),
		"glibc.rtld.nns=8":      "glibc.rtld.nns=8:" + Tunables(),
		"glibc.malloc.perturb=": "glibc.malloc.perturb=", // an existing setting of malloc is kept
	} {
		cmd := exec.Command(os.Args[0], "one", "two")
		cmd.Env = append(os.Environ(), role+"=1", variable+"="+before)
		var out strings.Builder
		cmd.Stdout = &out
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint(cmd.Process.Pid, " [one two] ", after); out.String() != want {
			t.Errorf("%s=%q: the program is %q, not %q", variable, before, out.String(), want)
		}
	}
}

func TestAdvise(t *testing.T) {
	for _, n := range []int{0, 1, pageSize / 4, 3 * pageSize / 4} {
		data := make([]float32, n)
		Advise(data)
		for i := range data {
			if data[i] != 0 {
				t.Fatalf("of %d, number %d is %g", n, i, data[i])
			}
		}
	}
}

func TestCollectEarly(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	restore := CollectEarly()
	if got := debug.SetGCPercent(gcPercent); got != gcPercent {
		t.Errorf("the collector runs at %d %%, want %d", got, gcPercent)
	}
	restore()
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("afterwards it runs at %d %%, want 100", got)
	}
}
