package postings

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

// Create replaces a postings file only if it may, and no other file ever.
func TestExistingFiles(t *testing.T) {
	c := files[0]
	path := created(t, c.base, c.layout)
	err := Create(t.Context(), path, files[3].base, files[3].layout, CreateOptions{})
	if wantError(t, "without Replace", err, path); !errors.Is(err, os.ErrExist) {
		t.Error(err)
	}
	checkUnits(t, opened(t, path, Options{}), c.base, c.layout, all(c.layout.Units()))
	if err := Create(t.Context(), path, files[3].base, files[3].layout, CreateOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	checkUnits(t, opened(t, path, Options{}), files[3].base, files[3].layout, all(files[3].layout.Units()))
	for _, content := range []string{"", "a letter", strings.Repeat("x", 5000)} {
		path := scratch(t, []byte(content))
		err := Create(t.Context(), path, c.base, c.layout, CreateOptions{Replace: true})
		if after, _ := os.ReadFile(path); !errors.Is(err, ErrForeign) || string(after) != content {
			t.Errorf("a foreign file: %v; it has %d bytes, not %d", err, len(after), len(content))
		}
	}
	err = Create(t.Context(), t.TempDir(), c.base, c.layout, CreateOptions{Replace: true})
	wantError(t, "a folder", err, "not a regular file")
}

// A file that another process creates during Create is not replaced.
func TestForeignFileThatAppears(t *testing.T) {
	c := files[0]
	path := filepath.Join(t.TempDir(), "vectors")
	err := Create(t.Context(), path, c.base, c.layout, CreateOptions{Replace: true, Progress: func(float64) {
		os.WriteFile(path, []byte("a letter"), 0o644)
	}})
	if after, _ := os.ReadFile(path); !errors.Is(err, ErrForeign) || string(after) != "a letter" ||
		len(entries(t, filepath.Dir(path))) != 1 {
		t.Errorf("%v; the file contains %.20q", err, after)
	}
}

func TestCreateStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	path := filepath.Join(t.TempDir(), "vectors")
	base := randomBytes(31*reportPages*2, 128, 1)
	shares := []float64{}
	err := Create(ctx, path, base, inPages(base.N, 31), CreateOptions{Progress: func(share float64) {
		shares = append(shares, share)
		cancel()
	}})
	if !errors.Is(err, context.Canceled) || !slices.Equal(shares, []float64{.5}) || len(entries(t, filepath.Dir(path))) != 0 {
		t.Errorf("%v after %v; the folder contains %v", err, shares, entries(t, filepath.Dir(path)))
	}
}

// On a full disk Create is an error and leaves nothing behind.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=200k"); err != nil {
		t.Skipf("a small disk needs the right to mount one: %v", err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	c, path := files[0], filepath.Join(disk, "vectors")
	err := Create(t.Context(), path, c.base, c.layout, CreateOptions{})
	if wantError(t, "a full disk", err, path); !errors.Is(err, syscall.ENOSPC) || len(entries(t, disk)) != 0 {
		t.Errorf("%v; the folder contains %v", err, entries(t, disk))
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=2m"); err != nil {
		t.Fatal(err)
	}
	if err := Create(t.Context(), path, c.base, c.layout, CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	checkUnits(t, opened(t, path, Options{}), c.base, c.layout, all(c.layout.Units()))
}

// A process that is killed while it writes leaves the former file and a temporary one. The next Create removes the latter.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "vectors")
	for lines := range 7 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "POSTINGS_CREATE="+path)
		stdin, _ := cmd.StdinPipe()
		stdout, _ := cmd.StdoutPipe()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		out := bufio.NewScanner(stdout)
		for range lines {
			if !out.Scan() {
				t.Fatal("the program ended")
			}
			stdin.Write([]byte("\n"))
		}
		cmd.Process.Kill()
		cmd.Wait()
		if got := entries(t, dir); slices.Contains(got, "vectors") && lines < 6 || len(got) > 2 {
			t.Fatalf("killed after %d lines: %v", lines, got)
		}
	}
	c := files[0]
	if err := Create(t.Context(), path, c.base, c.layout, CreateOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	checkUnits(t, opened(t, path, Options{}), c.base, c.layout, all(c.layout.Units()))
	if got := entries(t, dir); !slices.Equal(got, []string{"vectors"}) {
		t.Errorf("the folder contains %v", got)
	}
}
