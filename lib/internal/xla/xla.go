// Package xla opens the GoMLX backend of the process and finds its PJRT plugin.
package xla

import (
	"fmt"
	"os"
	"sync"

	"github.com/gomlx/compute"
	goxla "github.com/gomlx/go-xla/compute/xla"

	"anncapacity/lib/internal/checkout"
)

// plugin is the path of XLA's CPU plugin in .local, where `make setup` installs it.
const plugin = "pjrt_cpu_plugin.so"

// defaultFlags are the fastest settings of XLA's CPU compiler for this project (see `make bench`). The environment variable
// XLA_FLAGS replaces them.
const defaultFlags = "--xla_cpu_multi_thread_eigen=false"

// Backend returns the backend that GOMLX_BACKEND names, for example "xla:cuda". If the variable is not set, it returns XLA on
// the CPU with the plugin that `make setup` installed in this checkout. The backend is opened once per process.
var Backend = sync.OnceValues(open)

// Named reports whether GOMLX_BACKEND names a backend.
func Named() bool { return os.Getenv("GOMLX_BACKEND") != "" }

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

// OnCPU reports whether the backend computes on the CPU.
func OnCPU(backend compute.Backend) bool {
	b, ok := backend.(interface{ IsCPU() bool })
	return ok && b.IsCPU()
}
