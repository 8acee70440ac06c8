// Package process runs a server as a child process in a folder of its own. Start waits until the server is ready. The
// server ends when the current process ends, even if that is killed.
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

// Options specify the server to start.
type Options struct {
	Path   string              // the executable
	Args   []string            // without the name of the executable
	Env    []string            // added to the environment of the current process
	Folder *Folder             // working directory; removed by Stop and by a failed Start
	User   *syscall.Credential // nil means the current user
	Signal syscall.Signal      // signal that ends the server, sent by Stop, or by the kernel if the current process is killed. Zero means SIGTERM.

	Ready func(context.Context) error // called until it returns nil
	Limit time.Duration               // time to become ready. Zero means one minute.
}

// Process is a started server and its children.
type Process struct {
	o     Options
	pid   int
	ended chan struct{} // closed when the server has ended
	exit  error         // how it ended; valid after ended is closed

	once sync.Once
	stop error
}

const (
	defaultLimit = time.Minute
	patience     = 10 * time.Second      // time between Signal and SIGKILL
	interval     = 20 * time.Millisecond // time between two checks
	tail         = 2000                  // number of bytes of the log in an error
)

// Start starts the server and waits until it is ready. If the server ends before it is ready, is not ready in time, or
// ctx is cancelled, Start ends it, removes its folder and returns an error.
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

// launch starts the server from a thread that lives as long as the server, because the kernel sends the server its
// signal when the thread that forked it ends.
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
			p.exit = p.exitError(cmd.Wait())
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

// PID returns the process ID of the server.
func (p *Process) PID() int { return p.pid }

// Err returns nil while the server runs. Afterwards it returns how the server ended, with the end of its log.
func (p *Process) Err() error {
	select {
	case <-p.ended:
		return p.exit
	default:
		return nil
	}
}

// While returns a context that is cancelled when the server ends. It is for clients that would otherwise retry.
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

// Explain adds to the error of a request how the server ended, if it did. It waits briefly, because a connection breaks
// before the end of its server is detected.
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

func (p *Process) exitError(err error) error {
	if err == nil {
		err = errors.New("exit status 0")
	}
	return fmt.Errorf("the server ended: %w%s", err, p.quote())
}

func (p *Process) log() string { return filepath.Join(p.o.Folder.Path, "server.log") }

// quote returns the end of the server's log.
func (p *Process) quote() string {
	text, _ := os.ReadFile(p.log())
	if text = text[max(0, len(text)-tail):]; len(text) == 0 {
		return ""
	}
	return "; its log ends:\n" + strings.TrimSpace(string(text))
}

// Stop ends the server and its children with Signal and, if they do not end in time, with SIGKILL. It then removes the
// folder. Stop may be called more than once.
func (p *Process) Stop() error {
	p.once.Do(func() {
		p.kill(p.o.Signal)
		for deadline := time.Now().Add(patience); len(p.members()) > 0 && time.Now().Before(deadline); {
			time.Sleep(interval)
			if p.Err() != nil { // its children have no purpose without it
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
		_ = syscall.Kill(p.pid, signal) // it may have ended already
	}
	if signal == syscall.SIGKILL {
		for _, pid := range p.members() {
			_ = syscall.Kill(pid, signal)
		}
	}
}
