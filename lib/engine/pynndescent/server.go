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

// startLimit is the time limit for the import of PyNNDescent, which compiles code the first time.
const startLimit = 10 * time.Minute

// server is a Python process with PyNNDescent. All indexes share one, because every process compiles PyNNDescent.
type server struct {
	process *process.Process
	conn    net.Conn
	stream  *bufio.ReadWriter
	users   int   // number of open indexes, guarded by current
	indexes int   // number of indexes created
	broken  error // the error after which the server is not used
}

// current is the server in use, nil if no index is open. The lock is held during every exchange with it.
var current struct {
	sync.Mutex
	*server
}

// acquire returns the current server and counts one more user of it. It starts a server if there is none that works.
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

// release counts one user less and stops the server if it was the last one.
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

// request is a request to the server. server.py documents which fields each kind of request has.
type request struct {
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

	vectors []float32 // sent after the request if N > 0
}

// reply is the server's reply.
type reply struct {
	K     int    `json:"k"`
	Error string `json:"error"`

	ids       []int32 // sent after the reply if K > 0
	distances []float32
}

// exchange sends a request and returns the reply. If ctx ends before the reply, exchange stops the process, because a
// compiled search cannot be stopped otherwise.
func (s *server) exchange(ctx context.Context, q request) (reply, error) {
	current.Lock()
	defer current.Unlock()
	if s.broken == nil && ctx.Err() != nil {
		return reply{}, ctx.Err()
	}
	if s.broken != nil {
		return reply{}, s.broken
	}
	stop := context.AfterFunc(ctx, func() { s.conn.Close() })
	r, err := s.roundTrip(q)
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

func (s *server) roundTrip(q request) (r reply, err error) {
	line, err := json.Marshal(q)
	if err != nil {
		return r, err
	}
	s.stream.Write(append(line, '\n')) // Flush returns the error
	if q.N > 0 {
		if err := npyio.Write(s.stream, q.vectors); err != nil {
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
