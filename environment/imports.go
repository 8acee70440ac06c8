//go:build notebooks

package environment

// What notebooks import and no package does: `go mod tidy` reads files under any build tag, and keeps them in go.mod.
import (
	_ "github.com/janpfeifer/gonb/gonbui"
	_ "github.com/janpfeifer/must"
)
