package rounded

import "golang.org/x/sys/cpu"

// tiles returns the kernels that this processor supports.
func tiles() map[string]func(*points, int, int, *tile) {
	all := map[string]func(*points, int, int, *tile){}
	if cpu.X86.HasAVX2 {
		all["AVX2"] = avx2Tile
	}
	if hasVNNI {
		all["AVX-512 VNNI"] = vnniTile
	}
	return all
}
