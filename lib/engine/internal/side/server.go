package side

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"

	"anncapacity/lib/internal/process"
)

// server is a side process and the connection to it.
type server struct {
	program *Program
	process *process.Process
	conn    net.Conn
	stream  *bufio.ReadWriter
	users   int   // number of open indexes
	broken  error // the error after which the server is not used
}

// acquire returns the program's server and counts one more user of it. It starts a server if there is none that works.
func (p *Program) acquire(ctx context.Context) (*server, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil || p.server.broken != nil {
		s, err := p.start(ctx)
		if err != nil {
			return nil, err
		}
		p.server = s
	}
	p.server.users++
	return p.server, nil
}

// nextID returns the ID of a new index.
func (p *Program) nextID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.indexes++
	return p.indexes
}

// release counts one user less and stops the server if it was the last one.
func (s *server) release() error {
	p := s.program
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.users--; s.users > 0 {
		return nil
	}
	if p.server == s {
		p.server = nil
	}
	s.conn.Close()
	return s.process.Stop()
}

func (p *Program) start(ctx context.Context) (*server, error) {
	path, args, err := p.command()
	if err != nil {
		return nil, err
	}
	folder, err := process.NewFolder("", p.name)
	if err != nil {
		return nil, err
	}
	for name, content := range p.files {
		if err := os.WriteFile(filepath.Join(folder.Path, name), content, 0o600); err != nil {
			return nil, errors.Join(err, folder.Remove())
		}
	}
	s := &server{program: p}
	s.process, err = process.Start(ctx, process.Options{
		Path: path, Args: args, Folder: folder, Limit: startLimit,
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

// exchange sends a message and returns the reply. If ctx ends before the reply, exchange stops the process, because compiled
// code cannot be stopped otherwise.
func (s *server) exchange(ctx context.Context, m message) (reply, error) {
	s.program.mu.Lock()
	defer s.program.mu.Unlock()
	if s.broken != nil {
		return reply{}, s.broken
	}
	if ctx.Err() != nil {
		return reply{}, ctx.Err()
	}
	stop := context.AfterFunc(ctx, func() { s.conn.Close() })
	r, err := roundTrip(s.stream, m)
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
