// Package xla opens the one GoMLX backend of a process, and finds its PJRT plugin by itself.
package xla

import (
	"fmt"
	"os"
	"sync"

	"github.com/gomlx/compute"
	goxla "github.com/gomlx/go-xla/compute/xla"

	"anncapacity/lib/internal/checkout"
)

// plugin is where `make setup` leaves XLA's CPU plugin in .local.
const plugin = "pjrt_cpu_plugin.so"

// defaultFlags are the settings of XLA's CPU compiler that measured fastest here (see `make bench`).
// XLA_FLAGS in the environment replaces them.
const defaultFlags = "--xla_cpu_multi_thread_eigen=false"

// Backend is the backend that GOMLX_BACKEND names (for example "xla:cuda"), otherwise XLA on the CPU with the
// plugin that `make setup` installed for this checkout. It is opened once in a process.
var Backend = sync.OnceValues(open)

func open() (compute.Backend, error) {
	config := os.Getenv("GOMLX_BACKEND")
	if config == "" {
		path, err := checkout.Installed(plugin)
		if err != nil {
			return nil, fmt.Errorf("no XLA plugin: %w; run `make setup`, or set GOMLX_BACKEND=xla:/path/to/plugin.so", err)
		}
		config = "xla:" + path + ",shared_buffers"
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
