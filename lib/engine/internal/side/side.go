// Package side runs engines in side processes. A Program is a Python module or a Java class that builds indexes and answers
// queries; the package starts it in a process of its own and exchanges messages with it over a Unix socket. All open indexes of
// a program share one process, which ends with the last of them, and when the current process ends, however that ends.
//
// A message is one line of JSON, followed by vectors and IDs in NumPy's format (npy). server.py and Side.java document it; an
// engine's own module or class has no part in it.
package side

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/process"
)

// A Program is the program of a side process. Python and Java return one.
type Program struct {
	name     string            // in the names of temporary folders
	requires []string          // files in .local, as patterns of path.Match
	compiled map[string][]byte // files in .local that must have this content: the sources of what is compiled there
	files    map[string][]byte // written to the folder of the process, which is its working directory
	version  *regexp.Regexp    // matches the last of requires; its group is the engine's version
	command  func() (path string, args []string, err error)

	mu      sync.Mutex // held during every exchange with the process
	server  *server    // nil if no index is open
	indexes int        // number of indexes opened
}

// startLimit is the time limit for the start of a process. Some packages compile code when they are imported the first time.
const startLimit = 10 * time.Minute

// Absent implements the function of the same name in engine.Engine.
func (p *Program) Absent() error {
	for _, path := range p.requires {
		if _, err := checkout.Installed(path); err != nil {
			return err
		}
	}
	for path, source := range p.compiled {
		installed, err := checkout.Installed(path)
		if err != nil {
			return err
		}
		if content, err := os.ReadFile(installed); err != nil || string(content) != string(source) {
			return cmp.Or(err, errors.New(installed+" was compiled from another version of the project"))
		}
	}
	return nil
}

// Version returns the version of the engine that is installed, "" if none is.
func (p *Program) Version() string {
	path, err := checkout.Installed(p.requires[len(p.requires)-1])
	if err != nil {
		return ""
	}
	found := p.version.FindStringSubmatch(filepath.Base(path))
	if found == nil {
		return ""
	}
	return found[1]
}

// Open implements the function of the same name in engine.Engine. The adapter is an *Index.
func (p *Program) Open(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
	x, err := p.OpenIndex(ctx, base, o)
	if err != nil {
		return nil, err
	}
	return x, nil
}

// OpenIndex is Open for an adapter that embeds *Index.
func (p *Program) OpenIndex(ctx context.Context, base ann.Vectors, o engine.Options) (*Index, error) {
	folder, err := process.NewFolder(o.Dir, p.name+"-index")
	if err != nil {
		return nil, err
	}
	s, err := p.acquire(ctx)
	if err != nil {
		return nil, errors.Join(err, folder.Remove())
	}
	x := &Index{id: p.nextID(), server: s, folder: folder}
	if err := x.build(ctx, base, o); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}
