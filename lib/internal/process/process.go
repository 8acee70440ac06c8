// Package process starts a server that belongs to this process: it has a folder of its own, is waited for until it is
// ready, and ends with us however we end.
package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Options say what to start.
type Options struct {
	Path   string              // the executable
	Args   []string            // without the name of the executable
	Env    []string            // added to our own environment
	Folder *Folder             // its working directory; Stop, and a Start that fails, remove it
	User   *syscall.Credential // nil means our own
	Signal syscall.Signal      // what ends it, sent by Stop and by the kernel when we are killed. Zero means SIGTERM.

	Ready func(context.Context) error // is tried until it returns nil
	Limit time.Duration               // for becoming ready. Zero means one minute.
}

// Process is a started server and its children.
type Process struct {
	o     Options
	pid   int
	ended chan struct{} // closed when the server itself has ended
	exit  error         // why; read after ended

	once sync.Once
	stop error
}

const (
	defaultLimit = time.Minute
	patience     = 10 * time.Second      // between Signal and SIGKILL
	interval     = 20 * time.Millisecond // between two looks
	tail         = 2000                  // bytes of its log that an error shows
)

// Start starts the server and waits until it is ready. When it ends before, is not ready in time, or ctx is cancelled,
// nothing is left of it.
func Start(ctx context.Context, o Options) (*Process, error) {
	if o.Signal == 0 {
		o.Signal = syscall.SIGTERM
	}
	if o.Limit == 0 {
		o.Limit = defaultLimit
	}
	p := &Process{o: o, ended: make(chan struct{})}
	if err := p.launch(); err != nil {
		return nil, errors.Join(err, o.Folder.Remove())
	}
	if err := p.await(ctx); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

// launch starts the server from a thread that lives as long as it does: the kernel's signal at our death is tied to the
// thread that forked.
func (p *Process) launch() error {
	log, err := os.Create(p.log())
	if err != nil {
		return err
	}
	cmd := exec.Command(p.o.Path, p.o.Args...)
	cmd.Dir, cmd.Env = p.o.Folder.Path, append(os.Environ(), p.o.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: p.o.Signal, Credential: p.o.User}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer log.Close()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			p.exit = p.lastWords(cmd.Wait())
			close(p.ended)
		}
	}()
	return <-started
}

func (p *Process) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, p.o.Limit, fmt.Errorf("was not ready within %v", p.o.Limit))
	defer cancel()
	for {
		err := p.o.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return p.exit
		case <-ctx.Done():
			return fmt.Errorf("%w: %w%s", context.Cause(ctx), err, p.quote())
		case <-time.After(interval):
		}
	}
}

// PID is the server's.
func (p *Process) PID() int { return p.pid }

// Err is nil while the server runs, and afterwards says how it ended and what it wrote last.
func (p *Process) Err() error {
	select {
	case <-p.ended:
		return p.exit
	default:
		return nil
	}
}

// While is ctx, cancelled when the server ends: for clients that would go on trying.
func (p *Process) While(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-p.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// Explain adds to the error of a question why the server is gone, when it is. It waits a moment for that, because a
// connection breaks before its server is seen to have ended.
func (p *Process) Explain(err error) error {
	if err == nil {
		return nil
	}
	select {
	case <-p.ended:
		return fmt.Errorf("%w: %w", p.exit, err)
	case <-time.After(10 * interval):
		return err
	}
}

func (p *Process) lastWords(err error) error {
	if err == nil {
		err = errors.New("exit status 0")
	}
	return fmt.Errorf("the server ended: %w%s", err, p.quote())
}

func (p *Process) log() string { return filepath.Join(p.o.Folder.Path, "server.log") }

// quote is the end of the server's log.
func (p *Process) quote() string {
	text, _ := os.ReadFile(p.log())
	if text = text[max(0, len(text)-tail):]; len(text) == 0 {
		return ""
	}
	return "; its log ends:\n" + strings.TrimSpace(string(text))
}

// Stop ends the server and its children, with Signal and, when that does not help, with SIGKILL, and removes its
// folder. It may be called again.
func (p *Process) Stop() error {
	p.once.Do(func() {
		p.kill(p.o.Signal)
		for deadline := time.Now().Add(patience); len(p.members()) > 0 && time.Now().Before(deadline); {
			time.Sleep(interval)
			if p.Err() != nil { // its children have nobody left to serve
				p.kill(syscall.SIGKILL)
			}
		}
		p.kill(syscall.SIGKILL)
		<-p.ended
		p.stop = p.o.Folder.Remove()
	})
	return p.stop
}

func (p *Process) kill(signal syscall.Signal) {
	if p.Err() == nil {
		_ = syscall.Kill(p.pid, signal) // it may have ended by itself
	}
	if signal == syscall.SIGKILL {
		for _, pid := range p.members() {
			_ = syscall.Kill(pid, signal)
		}
	}
}
