package spark

import (
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/scale"
)

func TestStatement(t *testing.T) {
	got, err := statement(`/o'k/a\b --work `+quote("it's"), "2", []string{"t-1", "t-2", "t-3"}, 2)
	want := `SELECT TRANSFORM (task) USING 'GOMAXPROCS=2 exec /o\'k/a\\b --work \'it\'\\\'\'s\'' AS (task STRING, how STRING) ` +
		`FROM (SELECT element_at(split('t-1 t-2 t-3', ' '), CAST(id AS INT) + 1) AS task FROM range(0, 3, 1, 2))`
	if err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	for want, f := range map[string]func() (string, error){
		`task "a b"`:      func() (string, error) { return statement("p", "1", []string{"a", "a b"}, 1) },
		"spark.task.cpus": func() (string, error) { return statement("p", "1; rm", []string{"a"}, 1) },
		"line break":      func() (string, error) { return statement("p\n", "1", []string{"a"}, 1) },
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// The errors of a wrong address, and of a server that does not answer, name the address.
func TestUnreachable(t *testing.T) {
	j := newJob(t)
	work, err := scale.CreateWork(t.Context(), filepath.Join(t.TempDir(), "work"), j.plan)
	if err != nil {
		t.Fatal(err)
	}
	defer work.Close()
	for _, remote := range []string{"http://127.0.0.1:1", "sc://" + free(t)} {
		err := New(remote, "").Run(t.Context(), work.Location, j.plan.Tasks(), 1, func(string) { t.Error("a task was done") })
		if err == nil || !strings.Contains(err.Error(), remote) {
			t.Errorf("%s: %v", remote, err)
		}
	}
}
