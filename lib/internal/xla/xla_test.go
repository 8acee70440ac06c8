package xla

import "testing"

// A GPU computes with all digits of float32, unless GOMLX_BACKEND asks for TF32.
func TestCompleted(t *testing.T) {
	for given, want := range map[string]struct{ config, flags, override string }{
		"xla:cpu":                      {"xla:cpu", cpuFlags, ""},
		"xla:/path/pjrt_plugin.so":     {"xla:/path/pjrt_plugin.so", cpuFlags, ""},
		"xla:cuda":                     {"xla:cuda,tf32=false", gpuFlags, "0"},
		"xla:/path/xla_cuda_plugin.so": {"xla:/path/xla_cuda_plugin.so,tf32=false", gpuFlags, "0"},
		"xla:cuda,tf32":                {"xla:cuda,tf32", gpuFlags, ""},
		"xla:cuda,tf32=true":           {"xla:cuda,tf32=true", gpuFlags, ""},
	} {
		config, variables := completed(given)
		if config != want.config || variables["XLA_FLAGS"] != want.flags || variables["NVIDIA_TF32_OVERRIDE"] != want.override {
			t.Errorf("%s: %s, %v", given, config, variables)
		}
	}
}
