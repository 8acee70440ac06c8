//go:build !amd64 && !arm64

package rounded

// computeTile computes a tile.
var computeTile = plainTile
