package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// memoryUse holds the time of a study and its maximum memory.
type memoryUse struct{ Seconds, GB float64 }

// memory runs condition 1 of the study in a separate process and returns its time and its maximum memory.
func (b *searchBench) memory(ctx context.Context) (*memoryUse, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, filepath.Join("bin", "anncapacity"), "study", "-embeddings", b.path, "-out", dir,
		"-runs", strconv.Itoa(b.runs), "-subset", strconv.Itoa(b.points), "-condition", "1")
	var most float64
	took, err := timed(func() (err error) { most, err = runWatched(cmd); return err })
	if err != nil {
		return nil, fmt.Errorf("memory of the study: %w", err)
	}
	return &memoryUse{took.Seconds(), most / 1e9}, nil
}

// runWatched runs a command and returns the maximum of its memory, read every 20 ms, in bytes. The kernel's value for a child
// that has ended is not used, because it includes the memory of the parent.
func runWatched(cmd *exec.Cmd) (most float64, err error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return most, err
		case <-tick.C:
			most = max(most, peak(cmd.Process.Pid))
		}
	}
}

// peak returns the maximum memory of a process so far in bytes, or 0 if the process has ended.
func peak(pid int) float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kB float64
	fmt.Sscan(rest, &kB)
	return 1024 * kB
}
