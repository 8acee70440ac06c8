package memory

import (
	"fmt"
	"os"
	"os/exec"
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
		"":                      tunables,
		"glibc.rtld.nns=8":      "glibc.rtld.nns=8:" + tunables,
		"glibc.malloc.perturb=": "glibc.malloc.perturb=", // whoever sets something of malloc knows what for
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
