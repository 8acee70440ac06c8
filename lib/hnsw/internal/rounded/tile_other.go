//go:build !amd64

package rounded

var measure = plainTile
