package pgvector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/process"
)

// server is a PostgreSQL server with its own cluster.
type server struct {
	*process.Process
	sockets *process.Folder // has a short path, because that of a socket has at most 107 bytes
}

// cluster holds the parameters of a server.
type cluster struct {
	site     string // the folder of the unpacked wheel
	settings []string
	dir      string          // for the data; "", or a folder that the server's user cannot enter, means the system's temporary folder
	sockets  *process.Folder // nil means a new folder
}

// start creates a cluster and starts its server. After an error it leaves nothing behind.
func (c cluster) start(ctx context.Context) (*server, error) {
	if c.sockets == nil {
		var err error
		if c.sockets, err = process.NewFolder("", "pgsocket"); err != nil {
			return nil, err
		}
	}
	p, err := c.launch(ctx)
	if err != nil {
		return nil, errors.Join(err, c.sockets.Remove())
	}
	return &server{p, c.sockets}, nil
}

func (c cluster) launch(ctx context.Context) (*process.Process, error) {
	user := unprivileged()
	if dir, err := filepath.Abs(c.dir); user != nil && (err != nil || !accessible(dir)) {
		c.dir = ""
	}
	folder, err := process.NewFolder(c.dir, "pgvector")
	if err != nil {
		return nil, err
	}
	if err := c.prepare(ctx, folder, user); err != nil {
		return nil, errors.Join(err, folder.Remove())
	}
	data := filepath.Join(folder.Path, "data")
	args := []string{"-D", data, "-k", c.sockets.Path, "-c", "listen_addresses="}
	for _, setting := range c.settings {
		args = append(args, "-c", setting)
	}
	return process.Start(ctx, process.Options{
		Path: filepath.Join(c.executables(folder), "postgres"), Args: args, Folder: folder, User: user,
		Signal: syscall.SIGQUIT, // PostgreSQL's immediate shutdown, because no data is kept
		Ready:  func(ctx context.Context) error { return checkServer(ctx, c.sockets, data) },
	})
}

// prepare gives the folders to the server's user, copies PostgreSQL if that user cannot read it, and creates the cluster.
func (c cluster) prepare(ctx context.Context, folder *process.Folder, user *syscall.Credential) error {
	if user != nil && !accessible(c.site) {
		for _, part := range []string{install, libraries} {
			if err := os.CopyFS(filepath.Join(folder.Path, part), os.DirFS(filepath.Join(c.site, part))); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(folder.Give(user), c.sockets.Give(user)); err != nil {
		return err
	}
	initdb := exec.CommandContext(ctx, filepath.Join(c.executables(folder), "initdb"), "-D", filepath.Join(folder.Path, "data"),
		"--username=postgres", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8", "--no-instructions")
	initdb.Dir = folder.Path
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: user}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", errors.Join(ctx.Err(), err), out)
	}
	return nil
}

// executables returns the folder of postgres and initdb, that of the copy if there is one.
func (c cluster) executables(folder *process.Folder) string {
	own := filepath.Join(folder.Path, install, "bin")
	if _, err := os.Stat(own); err == nil {
		return own
	}
	return filepath.Join(c.site, install, "bin")
}

// nobody is the ID of the user and group without privileges. PostgreSQL does not run as root.
const nobody = 65534

// unprivileged returns the user for the server, nil if this process is not root's.
func unprivileged() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: nobody, Gid: nobody}
}

// accessible reports whether every user may enter path and all folders above it.
func accessible(path string) bool {
	for ; path != filepath.Dir(path); path = filepath.Dir(path) {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&1 == 0 {
			return false
		}
	}
	return true
}

func dsn(sockets *process.Folder) string {
	return fmt.Sprintf("host='%s' port=5432 user=postgres dbname=postgres sslmode=disable", sockets.Path)
}

// checkServer returns an error unless a server with this data folder answers at the socket.
func checkServer(ctx context.Context, sockets *process.Folder, data string) error {
	conn, err := pgx.Connect(ctx, dsn(sockets))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var served string
	if err := conn.QueryRow(ctx, "SHOW data_directory").Scan(&served); err != nil {
		return err
	}
	if served != data {
		return errors.New("another server listens in " + sockets.Path)
	}
	return nil
}

// stop stops the server and removes its files. It may be called more than once.
func (s *server) stop() error { return errors.Join(s.Stop(), s.sockets.Remove()) }

// settings returns PostgreSQL settings that keep the base and its index in memory, build the index on Options.Threads cores,
// and omit protection against crashes, because the table is never reused. Each query runs on one core.
func settings(base ann.Vectors, o engine.Options) []string {
	mib := len(base.Data)*4>>20 + 1
	threads := strconv.Itoa(o.Threads)
	return []string{
		fmt.Sprintf("shared_buffers=%dMB", 128+4*mib),
		fmt.Sprintf("maintenance_work_mem=%dMB", 128+2*mib),
		fmt.Sprintf("max_connections=%d", o.Threads+10),
		fmt.Sprintf("max_worker_processes=%d", o.Threads+8),
		"max_parallel_workers=" + threads,
		fmt.Sprintf("max_parallel_maintenance_workers=%d", o.Threads-1), // in addition to the backend
		"max_parallel_workers_per_gather=0",
		"dynamic_shared_memory_type=mmap", // in the data folder, because /dev/shm of a container is small and keeps the files of a killed server
		"fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off",
		"jit=off",
	}
}
