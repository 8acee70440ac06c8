package peers

import (
	"path/filepath"

	"anncapacity/lib/internal/checkout"
)

// peer is a script with its arguments and the environment that it needs.
type peer struct {
	key     string // the name in reports
	script  string // file in environment/peers/storage
	args    []string
	index   string // peers of the same name search the same index
	python  string // folder of the interpreter in .local
	module  string // file or folder in its site-packages
	install string
}

const (
	makePeers   = "make peers"
	makeStorage = "make storage-peers"
	makeSPTAG   = "make storage-peers PYTHON39=/path/to/python3.9 (SPTAG's wheel needs Python 3.9 and Debian's libnuma1)"
)

// all lists the peers in the order in which they run.
var all = []peer{
	{"faiss-ivf-flat", "faiss_lists.py", []string{"--way", "flat"}, "faiss-ivf-flat", "peers", "faiss", makePeers},
	{"faiss-ivf-flat-random", "faiss_lists.py", []string{"--way", "flat-random"}, "faiss-ivf-flat", "peers", "faiss", makePeers},
	{"faiss-ivf-pq", "faiss_lists.py", []string{"--way", "pq"}, "faiss-ivf-pq", "peers", "faiss", makePeers},
	{"faiss-pq", "faiss_sketch.py", nil, "faiss-pq", "peers", "faiss", makePeers},
	{"diskann", "diskann.py", nil, "diskann", "storage", "diskannpy", makeStorage},
	{"lancedb-ivf-pq", "lance.py", []string{"--way", "pq"}, "lancedb-ivf-pq", "storage", "lancedb", makeStorage},
	{"lancedb-ivf-flat", "lance.py", []string{"--way", "flat"}, "lancedb-ivf-flat", "storage", "lancedb", makeStorage},
	{"sptag-spann", "spann.py", nil, "sptag-spann", "sptag", "sptag", makeSPTAG},
}

// Keys returns the keys of all peers, whether or not they are installed.
func Keys() []string {
	keys := make([]string, len(all))
	for i, p := range all {
		keys[i] = p.key
	}
	return keys
}

func find(key string) (peer, bool) {
	for _, p := range all {
		if p.key == key {
			return p, true
		}
	}
	return peer{}, false
}

// chosen returns the peers that the options name, in the order of the catalogue.
func (o *Options) chosen() []peer {
	if o.Peers == nil {
		return all
	}
	var chosen []peer
	for _, p := range all {
		for _, key := range o.Peers {
			if key == p.key {
				chosen = append(chosen, p)
				break
			}
		}
	}
	return chosen
}

// absent returns nil if the peer is installed.
func (p peer) absent() error {
	for _, path := range []string{p.interpreter(), filepath.Join(p.python, "lib", "python*", "site-packages", p.module)} {
		if _, err := checkout.Installed(path); err != nil {
			return err
		}
	}
	return nil
}

func (p peer) interpreter() string { return filepath.Join(p.python, "bin", "python") }
