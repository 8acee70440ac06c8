package side

import (
	_ "embed"
	"regexp"
	"strings"

	"anncapacity/lib/internal/checkout"
)

//go:embed server.py
var pythonServer []byte

const interpreter = "engines/bin/python"

// Python returns a program that runs a Python module in the environment of the engines. name is the name of a wheel there.
// The module has these functions; rows is an array of n rows, or a list of arrays of different lengths:
//
//	build(vectors, attributes, metric, m, ef_construction, seed, threads, folder): the index of an n × d array of float32
//	ask(index, vectors, ids, k, ef): rows of IDs, rows of distances. If the engine has a filter, ask has the argument below=None:
//		only rows whose attribute is less than it are answers
//	delete(index, vectors, ids), if the engine deletes rows
//	close(index), if the index must be closed
//
// and one for every other request. attributes is an array of n int32, or None. metric is the name of an ann.Metric. Files of the index belong in folder.
func Python(name string, module []byte) *Program {
	info := strings.ReplaceAll(name, "-", "_") + "-*.dist-info"
	return &Program{
		name:     name,
		requires: []string{interpreter, "engines/lib/python*/site-packages/" + info},
		files:    map[string][]byte{"server.py": pythonServer, "engine.py": module},
		version:  regexp.MustCompile(`-([^-]+)\.dist-info$`),
		command: func() (string, []string, error) {
			path, err := checkout.Installed(interpreter)
			return path, []string{"server.py"}, err
		},
	}
}
