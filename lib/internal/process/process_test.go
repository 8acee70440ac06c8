package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// family is a script of a server that writes a line and has a child, in a session of its own, that ignores SIGTERM.
const family = `trap 'exit 0' TERM; echo "I serve" >&2; setsid sh -c 'trap "" TERM; echo $$ > child; while :; do sleep 0.05; done' & while :; do sleep 0.05; done`

func options(t *testing.T, script string) Options {
	t.Helper()
	folder, err := NewFolder(t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return Options{Path: "/bin/sh", Args: []string{"-c", script}, Folder: folder, Ready: exists(folder, "child")}
}

func exists(f *Folder, name string) func(context.Context) error {
	return func(context.Context) error {
		text, err := os.ReadFile(filepath.Join(f.Path, name))
		if err == nil && len(text) == 0 {
			err = errors.New("is empty")
		}
		return err
	}
}

func childOf(t *testing.T, f *Folder) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.Path, "child"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func runs(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func gone(t *testing.T, f *Folder) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(f.Path), "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestStop(t *testing.T) {
	o := options(t, family)
	p, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if p.Err() != nil || p.Memory() < 1<<16 {
		t.Errorf("running: error %v, %d bytes", p.Err(), p.Memory())
	}
	child := childOf(t, o.Folder)
	for range 2 {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	}
	if p.Err() == nil || runs(p.pid) || runs(child) {
		t.Errorf("after Stop: server %v, child %v, error %v", runs(p.pid), runs(child), p.Err())
	}
	gone(t, o.Folder)
}

func TestKilledServer(t *testing.T) {
	o := options(t, family)
	p, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	child := childOf(t, o.Folder)
	if err := syscall.Kill(p.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("connection broken")
	err = p.Explain(broken)
	for _, word := range []string{"the server ended", "killed", "I serve", broken.Error()} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if runs(child) {
		t.Error("an orphan runs")
	}
	gone(t, o.Folder)
}

func TestNeverReady(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"ends":    {`echo "no room" >&2; exit 3`, "exit status 3; its log ends:\nno room"},
		"is slow": {`while :; do sleep 0.05; done`, "not ready within"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, c.script)
			o.Limit = 500 * time.Millisecond
			_, err := Start(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v does not say %q", err, c.want)
			}
			gone(t, o.Folder)
		})
	}
	o := options(t, "")
	o.Path = "/no/such/server"
	if _, err := Start(t.Context(), o); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	gone(t, o.Folder)
}

func TestCancelledStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := options(t, family)
	o.Ready = func(context.Context) error { cancel(); return errors.New("not yet") }
	if _, err := Start(ctx, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	gone(t, o.Folder)
}

// A server ends when its parent is killed, and the next parent removes the folder.
func TestKilledParent(t *testing.T) {
	const role = "PROCESS_TEST_PARENT"
	if parent := os.Getenv(role); parent != "" {
		folder, err := NewFolder(parent, "test")
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Path: "/bin/sleep", Args: []string{"100"}, Folder: folder, Ready: func(context.Context) error { return nil }}
		p, err := Start(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("server %d\n", p.pid)
		time.Sleep(100 * time.Second)
	}
	parent := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledParent$")
	cmd.Env = append(os.Environ(), role+"="+parent)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	server, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(line), "server "))
	if err != nil || !runs(server) {
		t.Fatalf("%q: %v", line, err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for range 100 {
		if !runs(server) {
			break
		}
		time.Sleep(interval)
	}
	if runs(server) {
		t.Error("an orphan runs")
	}
	sweptByTheNext(t, parent)
}

func sweptByTheNext(t *testing.T, parent string) {
	t.Helper()
	left, _ := filepath.Glob(filepath.Join(parent, "*"))
	if len(left) != 1 {
		t.Fatalf("%v", left)
	}
	old := time.Now().Add(-2 * fresh)
	if err := os.Chtimes(left[0], old, old); err != nil {
		t.Fatal(err)
	}
	mine, err := NewFolder(parent, "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(mine.Path, old, old); err != nil {
		t.Fatal(err)
	}
	other, err := NewFolder(parent, "test")
	if err != nil {
		t.Fatal(err)
	}
	if now, _ := filepath.Glob(filepath.Join(parent, "*")); len(now) != 2 {
		t.Errorf("beside two live folders: %v", now)
	}
	for _, f := range []*Folder{mine, other, other} {
		if err := f.Remove(); err != nil {
			t.Error(err)
		}
	}
}
