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

// server is a PostgreSQL with a cluster of its own.
type server struct {
	*process.Process
	sockets *process.Folder // short of path: a socket's has at most 107 bytes
}

// cluster says what to start.
type cluster struct {
	site     string // holds the folders of wheel
	settings []string
	dir      string          // for the data; the system's for temporary files where it is "" or closed to the server's user
	sockets  *process.Folder // nil makes one
}

// start makes a cluster and starts its server. What an error leaves is nothing.
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
	if dir, err := filepath.Abs(c.dir); user != nil && (err != nil || !within(dir)) {
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
		Signal: syscall.SIGQUIT, // PostgreSQL's immediate shutdown: nothing is to be kept
		Ready:  func(ctx context.Context) error { return serves(ctx, c.sockets, data) },
	})
}

// prepare gives the folders to the server's user, brings PostgreSQL within that user's reach, and makes the cluster.
func (c cluster) prepare(ctx context.Context, folder *process.Folder, user *syscall.Credential) error {
	if user != nil && !within(c.site) {
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

// executables is where postgres and initdb are: in the copy, where there is one.
func (c cluster) executables(folder *process.Folder) string {
	own := filepath.Join(folder.Path, install, "bin")
	if _, err := os.Stat(own); err == nil {
		return own
	}
	return filepath.Join(c.site, install, "bin")
}

// nobody is the user and group without rights. PostgreSQL refuses root.
const nobody = 65534

func unprivileged() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: nobody, Gid: nobody}
}

// within tells whether everybody may enter every folder down to path.
func within(path string) bool {
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

// serves tells whether the server that listens is the one with this data.
func serves(ctx context.Context, sockets *process.Folder, data string) error {
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

// stop may be called again.
func (s *server) stop() error { return errors.Join(s.Stop(), s.sockets.Remove()) }

// settings let the base and its index stay in memory, build the index on so many cores, and keep nothing safe from a
// crash: the table is made again each time. Each question is answered on one core.
func settings(base ann.Vectors, o engine.Options) []string {
	mib := len(base.Data)*4>>20 + 1
	threads := strconv.Itoa(o.Threads)
	return []string{
		fmt.Sprintf("shared_buffers=%dMB", 128+4*mib),
		fmt.Sprintf("maintenance_work_mem=%dMB", 128+2*mib),
		fmt.Sprintf("max_connections=%d", o.Threads+10),
		fmt.Sprintf("max_worker_processes=%d", o.Threads+8),
		"max_parallel_workers=" + threads,
		fmt.Sprintf("max_parallel_maintenance_workers=%d", o.Threads-1), // and the backend itself
		"max_parallel_workers_per_gather=0",
		"dynamic_shared_memory_type=mmap", // in the data folder: a container's /dev/shm is small, and a killed server's stays
		"fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off",
		"jit=off",
	}
}
