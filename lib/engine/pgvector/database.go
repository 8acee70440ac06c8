package pgvector

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"

	"anncapacity/lib/internal/checkout"
)

// Database is an empty PostgreSQL database with the extension vector, in a server of its own. It trusts everybody on this
// machine who may enter the folder of its socket.
type Database struct{ server *server }

// NewDatabase starts a server. settings are settings of PostgreSQL, such as "work_mem=64MB"; by default data are not protected
// against crashes. The error says how to install PostgreSQL if it is missing.
func NewDatabase(ctx context.Context, settings ...string) (*Database, error) {
	if err := Engines()[0].Missing(); err != nil {
		return nil, err
	}
	site, err := checkout.Installed(site)
	if err != nil {
		return nil, err
	}
	fast := []string{"fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "jit=off", "dynamic_shared_memory_type=mmap"}
	s, err := cluster{site: site, settings: append(fast, settings...)}.start(ctx)
	if err != nil {
		return nil, err
	}
	d := &Database{s}
	if err := d.extend(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Database) extend(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, d.URL("postgres", ""))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "CREATE EXTENSION vector")
	return err
}

// URL returns the address of the database for a user. The server does not ask for the password.
func (d *Database) URL(user, password string) string {
	return fmt.Sprintf("postgres://%s@/postgres?host=%s&port=5432&sslmode=disable", url.UserPassword(user, password), url.QueryEscape(d.server.sockets.Path))
}

// PID returns the process ID of the server.
func (d *Database) PID() int { return d.server.PID() }

// Close stops the server and removes its files. It may be called more than once.
func (d *Database) Close() error { return d.server.stop() }
