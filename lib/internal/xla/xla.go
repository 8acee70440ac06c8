// Package xla opens the one GoMLX backend of a process, and finds its PJRT plugin by itself.
package xla

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/gomlx/compute"
	goxla "github.com/gomlx/go-xla/compute/xla"
)

// Plugin is where `make setup` leaves XLA's CPU plugin, relative to the top of the checkout.
const Plugin = ".local/pjrt_cpu_plugin.so"

// defaultFlags are the settings of XLA's CPU compiler that measured fastest here (see `make bench`).
// XLA_FLAGS in the environment replaces them.
const defaultFlags = "--xla_cpu_multi_thread_eigen=false"

// Backend is the backend that GOMLX_BACKEND names (for example "xla:cuda"), otherwise XLA on the CPU with the
// plugin that `make setup` installed for this checkout. It is opened once in a process.
var Backend = sync.OnceValues(open)

func open() (compute.Backend, error) {
	config := os.Getenv("GOMLX_BACKEND")
	if config == "" {
		plugin, err := findPlugin()
		if err != nil {
			return nil, err
		}
		config = "xla:" + plugin + ",shared_buffers"
	}
	if os.Getenv("XLA_FLAGS") == "" {
		os.Setenv("XLA_FLAGS", defaultFlags)
	}
	goxla.EnableAutoInstall(false)
	backend, err := compute.NewWithConfig(config)
	if err != nil {
		return nil, fmt.Errorf("opening the GoMLX backend %q: %w", config, err)
	}
	return backend, nil
}

// findPlugin looks for Plugin beside the executable and beside the working directory, and upwards from both:
// the first serves bin/anncapacity from anywhere, the second tests and notebook cells.
func findPlugin() (string, error) {
	var starts []string
	if exe, err := os.Executable(); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			starts = append(starts, filepath.Dir(exe))
		}
	}
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	for _, dir := range starts {
		for {
			candidate := filepath.Join(dir, Plugin)
			if _, err := os.Stat(candidate); err == nil {
				return candidate, nil
			}
			parent := filepath.Dir(dir)
			if parent == dir {
				break
			}
			dir = parent
		}
	}
	return "", fmt.Errorf("no XLA plugin: %s was not found above %v; run `make setup`, or set GOMLX_BACKEND=xla:/path/to/plugin.so", Plugin, starts)
}
