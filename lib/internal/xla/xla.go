// Package xla opens the GoMLX backend of the process and finds its PJRT plugin.
package xla

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	goxla "github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"

	"anncapacity/lib/internal/checkout"
)

// plugin is the path of XLA's CPU plugin in .local, where `make setup` installs it.
const plugin = "pjrt_cpu_plugin.so"

// cpuFlags and gpuFlags are the fastest settings of XLA's compilers for this project: on the CPU in `make bench`, and on a GPU, where
// Triton tries its programs out before it runs one, for all pairs of 10⁶ × 256. The environment variable XLA_FLAGS replaces them.
const (
	cpuFlags = "--xla_cpu_multi_thread_eigen=false"
	gpuFlags = "--xla_gpu_enable_triton_gemm=false"
)

// Backend returns the backend that GOMLX_BACKEND names, for example "xla:cuda". If the variable is not set, it returns XLA on
// the CPU with the plugin that `make setup` installed in this checkout. The backend is opened once per process. On a GPU of NVIDIA it
// computes with all digits of float32, unless GOMLX_BACKEND says otherwise: "xla:cuda,tf32".
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
	config, variables := completed(config)
	for name, value := range variables {
		if os.Getenv(name) == "" {
			os.Setenv(name, value)
		}
	}
	goxla.EnableAutoInstall(false)
	backend, err := compute.NewWithConfig(config)
	if err != nil {
		return nil, fmt.Errorf("opening the GoMLX backend %q: %w", config, err)
	}
	return backend, nil
}

// completed returns a value of GOMLX_BACKEND with the options that this project adds, and the values of environment variables that are
// not set. On a GPU of NVIDIA products have all digits of float32, unless the value mentions tf32.
func completed(config string) (string, map[string]string) {
	switch {
	case !pjrt.IsCUDAName(config):
		return config, map[string]string{"XLA_FLAGS": cpuFlags}
	case strings.Contains(config, "tf32"):
		return config, map[string]string{"XLA_FLAGS": gpuFlags}
	}
	// The option does not apply to convolutions, the variable does.
	return config + ",tf32=false", map[string]string{"XLA_FLAGS": gpuFlags, "NVIDIA_TF32_OVERRIDE": "0"}
}

// TF32 reports whether the backend may round the coordinates of a product of float32 to 10 bits.
func TF32(backend compute.Backend) bool {
	b, ok := backend.(*goxla.Backend)
	return ok && b.DotGeneralUseTF32
}

// OnCPU reports whether the backend computes on the CPU.
func OnCPU(backend compute.Backend) bool {
	b, ok := backend.(interface{ IsCPU() bool })
	return ok && b.IsCPU()
}
