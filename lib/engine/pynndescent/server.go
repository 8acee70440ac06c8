package pynndescent

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sbinet/npyio"

	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/process"
)

//go:embed server.py
var program []byte

// startLimit is for importing PyNNDescent, which compiles itself the first time.
const startLimit = 10 * time.Minute

// server is a Python process with PyNNDescent. All indexes share one, because every process compiles PyNNDescent.
type server struct {
	process *process.Process
	conn    net.Conn
	stream  *bufio.ReadWriter
	users   int   // indexes, guarded by current
	indexes int   // ever built
	broken  error // why it answers no more
}

// current is the server in use, nil when no index is open. The lock is held through every exchange with it.
var current struct {
	sync.Mutex
	*server
}

// acquire starts a server where none answers, and counts one more user.
func acquire(ctx context.Context) (*server, error) {
	current.Lock()
	defer current.Unlock()
	if current.server == nil || current.broken != nil {
		s, err := start(ctx)
		if err != nil {
			return nil, err
		}
		current.server = s
	}
	current.users++
	return current.server, nil
}

// release ends the server of the last user.
func (s *server) release() error {
	current.Lock()
	defer current.Unlock()
	if s.users--; s.users > 0 {
		return nil
	}
	if current.server == s {
		current.server = nil
	}
	s.conn.Close()
	return s.process.Stop()
}

func start(ctx context.Context) (*server, error) {
	python, err := checkout.Installed(python)
	if err != nil {
		return nil, err
	}
	folder, err := process.NewFolder("", "pynndescent")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(folder.Path, "server.py"), program, 0o600); err != nil {
		return nil, errors.Join(err, folder.Remove())
	}
	s := &server{}
	s.process, err = process.Start(ctx, process.Options{
		Path: python, Args: []string{"server.py"}, Folder: folder, Limit: startLimit,
		Ready: func(context.Context) (err error) {
			s.conn, err = net.Dial("unix", filepath.Join(folder.Path, "socket"))
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	s.stream = bufio.NewReadWriter(bufio.NewReaderSize(s.conn, 1<<20), bufio.NewWriterSize(s.conn, 1<<20))
	return s, nil
}

// order is what the server is told; server.py says which fields belong together.
type order struct {
	Do        string  `json:"do"`
	Index     int     `json:"index"`
	N         int     `json:"n,omitempty"`
	D         int     `json:"d,omitempty"`
	Metric    string  `json:"metric,omitempty"`
	Neighbors int     `json:"neighbors,omitempty"`
	Seed      uint32  `json:"seed"`
	Threads   int     `json:"threads,omitempty"`
	K         int     `json:"k,omitempty"`
	Epsilon   float64 `json:"epsilon"`

	vectors []float32 // follow where N > 0
}

// reply is what it answers.
type reply struct {
	K     int    `json:"k"`
	Error string `json:"error"`

	ids       []int32 // follow where K > 0
	distances []float32
}

// exchange sends an order and reads the reply. When ctx ends meanwhile, the process ends too: nothing else stops a
// compiled search.
func (s *server) exchange(ctx context.Context, o order) (reply, error) {
	current.Lock()
	defer current.Unlock()
	if s.broken == nil && ctx.Err() != nil {
		return reply{}, ctx.Err()
	}
	if s.broken != nil {
		return reply{}, s.broken
	}
	stop := context.AfterFunc(ctx, func() { s.conn.Close() })
	r, err := s.converse(o)
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		s.broken = s.process.Explain(err)
		return r, errors.Join(s.broken, s.process.Stop())
	}
	if r.Error != "" {
		return r, errors.New(r.Error)
	}
	return r, nil
}

func (s *server) converse(o order) (r reply, err error) {
	line, err := json.Marshal(o)
	if err != nil {
		return r, err
	}
	s.stream.Write(append(line, '\n')) // Flush reports what fails
	if o.N > 0 {
		if err := npyio.Write(s.stream, o.vectors); err != nil {
			return r, err
		}
	}
	if err := s.stream.Flush(); err != nil {
		return r, err
	}
	if line, err = s.stream.ReadBytes('\n'); err != nil {
		return r, err
	}
	if err := json.Unmarshal(line, &r); err != nil || r.K == 0 {
		return r, err
	}
	return r, errors.Join(npyio.Read(s.stream, &r.ids), npyio.Read(s.stream, &r.distances))
}
