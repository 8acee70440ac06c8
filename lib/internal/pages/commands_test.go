// Package pages tests README.md, CONTRIBUTING.md, CHANGELOG.md and docs/*.md: their commands, links, code and length.
package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pageCommands holds the check of each command of the pages. A command that is missing here fails TestPageCommands.
var pageCommands = map[string]func(t *testing.T, command string){
	"sudo apt-get install git make python3 python3-venv gcc libc6-dev": namesPackages, // needs root

	"make help": runMake,
	// These run for minutes or start a server. make -n lists their steps, and environment/notebooks.py checks the variables.
	"make notebooks": planMake,
	"make lab":       planMake,
	"make setup":     planMake,
	"make test":      planMake,
	"make bench":     planMake,
	"make bench ARGS='-growth FOLDER -most 1000000'": planMake,
	"make engines":       planMake, // downloads and compiles
	"make cloud":         planMake, // downloads and compiles
	"make engines-test":  planMake,
	"make scale-test":    planMake, // starts a cluster
	"make lock":          planMake,
	"make lint":          planMake,
	"make peers":         planMake,
	"make audit-demo":    planMake, // fills a table of 200,000 rows
	"make advise-check":  planMake, // an hour
	"make storage-peers": planMake,
	"make sift":          planMake,
	"make reproduce":     planMake,
	"make image":         planMake, // builds an image
	"make image-run":     planMake,
	"make image-lab":     planMake,
	"make image-test":    planMake,
	"make notebooks DATASET=imagenette WEIGHTS=imagenet1k_v2":             planMake,
	"make notebooks DATASET=~/photos WEIGHTS=imagenet1k_v2":               planMake,
	"make notebooks DATASET=~/photos WEIGHTS=imagenet1k_v2 PROFILE=quick": planMake,
	"make notebooks DATASET=stl10 WEIGHTS=imagenet1k_v2 PROFILE=paper":    planMake,

	// Hundreds of megabytes. Only the entry of the manifest is checked here; lib/internal/fetch is tested with a local server.
	"bin/anncapacity download stl10":         hasDownload,
	"bin/anncapacity download imagenet1k_v2": hasDownload,
	"bin/anncapacity download sift1m":        hasDownload,

	"bin/anncapacity embed --dataset ~/photos --weights imagenet1k_v2 --out e.npy":                                       embedsPhotographs,
	"bin/anncapacity study --embeddings e.npy --out results --runs 3 --subset 1500 --explain":                            studies,
	"bin/anncapacity figures --records results --out figures/mine --dataset \"my photographs\" --network \"my network\"": drawsFigures,
	"bin/anncapacity figures": isPartOfAnother,
	"bin/anncapacity sift --dataset ~/photos --out sift --base 1000000 --learn 1000000 --queries 10000":                          findsDescriptors,
	"bin/anncapacity advise --embeddings e.npy --k 100 --recall 0.99":                                                            advises,
	"bin/anncapacity advise --embeddings e.npy --queries queries.npy --metric cosine --k 10,100 --recall 0.95 --engine pgvector": advises,
	"bin/anncapacity study --embeddings e.npy --out results --condition 4 --runs 3 --subset 1500":                                studiesShards,
	"bin/anncapacity advise --embeddings e.npy --shards 8 --shard-by cell --k 100 --recall 0.95":                                 advises,
	"bin/anncapacity study --embeddings e.npy --out results --runs 3 --subset 1500":                                              studies,
	"bin/anncapacity exact --embeddings e.npy --queries q.npy --metric ip --k 100 --out truth.ivecs":                             findsNeighboursOfQueries,
	"bin/anncapacity engines --embeddings e.npy --queries q.npy --metric ip --truth truth.ivecs --k 10,100 --out results-ip":     comparesWithTruth,
	"bin/anncapacity exact --embeddings e.npy --k 100 --metric cosine --out neighbours.ivecs":                                    findsNeighbours,
	"bin/anncapacity engines --embeddings e.npy --out results":                                                                   comparesEngines,
	"bin/anncapacity storage build --embeddings e.npy --learn queries.npy --out index":                                           buildsStorage,
	"bin/anncapacity storage search --index index --queries queries.npy --recall 0.95":                                           searchesStorage,
	"bin/anncapacity storage build -h": isPartOfAnother,
	"bin/anncapacity storage study --embeddings sift/base.bvecs --learn sift/learn.bvecs --queries sift/query.bvecs --out results --profile paper": studiesStorage,
	"bin/anncapacity storage disk --embeddings sift/base.bvecs --learn sift/learn.bvecs --queries sift/query.bvecs --out results":                  measuresStorage,
	"bin/anncapacity storage study --embeddings e.npy --split 9000,3394,1000 --out results --data ResNet-50 --profile embeddings":                  studiesSplit,
	"bin/anncapacity advise --storage results --recall 0.95":                                                                                       advises,
	"bin/anncapacity audit --pgvector \"$DATABASE_URL\" --table items --column embedding --k 40 --report report.html":                              auditsTable,
	"bin/anncapacity audit --pgvector \"$DATABASE_URL\" --table items --column embedding --where \"status = 'active'\" --k 40":                     auditsTable,
	"bin/anncapacity audit --index index.faiss --embeddings e.npy --queries queries.npy --k 10,100 --report file.html":                             auditsFile,
	"bin/anncapacity audit --index index.bin --format hnswlib --dimensions 8 --metric l2 --k 10":                                                   auditsFile,
	"bin/anncapacity audit --index index.faiss --queries queries.npy --k 10 --recall 0.9 --fail-under 0.9 --json":                                  auditsFile,
	"bin/anncapacity audit --duckdb data.duckdb --table items --column embedding --k 40":                                                           auditsNothing,
	"bin/anncapacity audit --milvus localhost:19530 --collection items --k 40":                                                                     auditsNothing,
	"bin/anncapacity audit --qdrant http://localhost:6333 --collection items --k 40":                                                               auditsNothing,
	"bin/anncapacity audit --pgvector \"$DATABASE_URL\" --table items --column embedding --k 40":                                                   auditsTable,
	"bin/anncapacity audit -h":                                                        isPartOfAnother,
	"bin/anncapacity engines --embeddings e.npy --out results --bulk":                 timesBulkSearch,
	"bin/anncapacity engines --embeddings e.npy --out results --filters":              searchesFiltered,
	"bin/anncapacity engines --metric cosine --embeddings e.npy --out results/cosine": comparesUnderCosine,
	"bin/anncapacity engines --policies --out docs":                                   observesPolicies,

	"bin/anncapacity scale exact --embeddings s3://bucket/base --k 1000 --runner spark --remote sc://host:15002 --workers 64 --work s3://bucket/work --out truth.ivecs": asksForSpark,
	"bin/anncapacity scale manifest --kubernetes --work s3://bucket/work --workers 100 --image registry.example/anncapacity --secret bucket-keys":                       printsManifest,
	"bin/anncapacity scale manifest --kubernetes --work /data/work --memory 2048 --workers 100 --image registry.example/anncapacity --mount claim:/data":                printsManifest,
	"bin/anncapacity scale plan --embeddings s3://bucket/base --k 1000 --workers 100 --work s3://bucket/work":                                                           storesPlan,
	"bin/anncapacity scale exact --embeddings s3://bucket/base --k 1000 --runner indexed --work s3://bucket/work --out truth.ivecs":                                     waitsForWorkers,
	"bin/anncapacity scale plan --embeddings e.npy --k 100 --workers 2":                                                                                                 printsPlan,
	"bin/anncapacity scale exact --embeddings e.npy --k 100 --workers 2 --work work --out truth.ivecs":                                                                  scalesExact,
	"bin/anncapacity scale embed --dataset ~/photos --weights imagenet1k_v2 --workers 2 --work work-photos --out photos.npy":                                            scalesEmbed,
	"bin/anncapacity scale manifest --slurm --work /data/work --memory 2048 --workers 100 --time 12h":                                                                   printsManifest,
	"bin/anncapacity scale task --work s3://bucket/work --workers 100":                                                                                                  isPartOfAnother,
}

// TestPageCommands checks every command of README.md, CONTRIBUTING.md and docs/*.md once, on the first page that contains it,
// as pageCommands defines. The commands of a page run in their order, at a small size, in a new folder with photographs and
// embeddings, which is also the home folder. Every entry of pageCommands must be a command of a page.
func TestPageCommands(t *testing.T) {
	program := filepath.Join(t.TempDir(), "anncapacity")
	inCheckout(t, "go build -o '"+program+"' ./lib/cmd/anncapacity")
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("ANNCAPACITY_HOME", "")
	used := map[string]bool{}
	for _, page := range commandPages(t) {
		commands := commandsOf(read(t, filepath.Join(top, page)))
		commands = slices.DeleteFunc(commands, func(command string) bool { return used[command] })
		for _, command := range commands {
			used[command] = true
		}
		t.Run(page, func(t *testing.T) { runCommands(t, page, program, commands) })
	}
	for command := range pageCommands {
		if !used[command] {
			t.Errorf("no page contains the command %q", command)
		}
	}
}

// commandPages returns the pages that contain commands for users.
func commandPages(t *testing.T) []string {
	t.Helper()
	pages := []string{"README.md", "CONTRIBUTING.md"}
	docs, err := filepath.Glob(filepath.Join(top, "docs", "*.md"))
	if err != nil || len(docs) < 5 {
		t.Fatalf("docs/*.md are %v (%v)", docs, err)
	}
	for _, path := range docs {
		pages = append(pages, filepath.Join("docs", filepath.Base(path)))
	}
	return pages
}

// runCommands checks the commands of one page as pageCommands defines, in a new folder.
func runCommands(t *testing.T, page, program string, commands []string) {
	scratch := t.TempDir()
	t.Setenv("HOME", scratch)
	if err := os.Mkdir(filepath.Join(scratch, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"bin/anncapacity": program, ".local": filepath.Join(top, ".local")} { // XLA's plugin
		if err := os.Symlink(target, filepath.Join(scratch, link)); err != nil {
			t.Fatal(err)
		}
	}
	photographs(t, filepath.Join(scratch, "photos"), 4)
	if !slices.ContainsFunc(commands, func(command string) bool { return strings.Contains(command, "--out e.npy") }) {
		writeEmbeddings(t, filepath.Join(scratch, "e.npy"))
	}
	for _, command := range commands {
		check, ok := pageCommands[command]
		if !ok {
			t.Errorf("%s contains %q, which no test runs: add it to pageCommands", page, command)
			continue
		}
		t.Run(command, func(t *testing.T) {
			t.Chdir(scratch)
			check(t, command)
		})
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	comment = regexp.MustCompile(`\s+#.*$`)
	inline  = regexp.MustCompile("`((?:make|bin/anncapacity) [^`]+)`")
)

// commandsOf returns the lines of indented blocks and the commands within the text, in order, without duplicates. It ignores
// fenced blocks.
func commandsOf(page string) (commands []string) {
	add := func(command string) {
		if !slices.Contains(commands, command) && !strings.Contains(command, "…") {
			commands = append(commands, command)
		}
	}
	fenced := false
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\n")
		switch code, indented := strings.CutPrefix(line, "    "); {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
		case fenced:
		case indented:
			add(comment.ReplaceAllString(code, ""))
		default:
			for _, match := range inline.FindAllStringSubmatch(line, -1) {
				add(match[1])
			}
		}
	}
	return commands
}

func TestCommandsOf(t *testing.T) {
	got := commandsOf("text `make a` and `b.go`\n\n    c d   # why\n    make a\n\n```text\n    no\n```\n| `bin/anncapacity e` |\n")
	if want := []string{"make a", "c d", "bin/anncapacity e"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
