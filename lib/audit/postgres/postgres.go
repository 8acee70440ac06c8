// Package postgres audits HNSW and IVFFlat indexes of PostgreSQL's extension vector (pgvector).
//
// It writes nothing. All statements run on one connection, in one transaction that is READ ONLY and, so that the index and the
// exact scan see the same rows, REPEATABLE READ. Settings are changed for that transaction only, each statement has a time limit,
// and names of tables and columns are taken from the catalog and quoted. The filter is a part of a SELECT that is sent with the
// extended protocol, which runs a single statement. The filter runs with the rights of the role: a function that it calls may do
// what PostgreSQL allows in a read-only transaction. SELECT on the table is the only right that the role needs.
//
// The transaction holds a lock on the table that lets others read and write, but lets a change of the table's definition wait.
// It keeps old row versions from being vacuumed until it ends.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"anncapacity/lib/audit/live"
)

// DefaultTimeout is the time limit of a statement if the target has none.
const DefaultTimeout = time.Minute

// Index is an index in a database. It implements live.Engine.
type Index struct {
	o       live.Target
	conn    *pgx.Conn
	tx      pgx.Tx
	secrets []string

	table       table
	index       index
	found       live.Index
	normal      settings     // the planner's settings that the session has
	now         live.Setting // the setting of the transaction
	bound       string       // value of index.mostRows; "" before pgvector 0.8
	exact       bool         // whether the transaction is set for exact scans
	least, most int          // values of the effort
}

// Driver opens indexes of PostgreSQL.
var Driver = live.Driver{Flag: "pgvector", Open: func(ctx context.Context, o live.Target) (live.Session, error) { return Open(ctx, o) }}

// Open connects, begins the transaction, and finds the table and its index. The index must be closed. The fields of the target are:
//
//   - Address: a URL, or keywords and values. The environment variables and the password file of libpq count too.
//   - Name: the table as it is stored in the catalog, with or without its schema: items or public.items.
//   - Column: of type vector or halfvec.
//   - ID: a column that identifies a row. "" means the primary key, or the row's place in the table if it has none.
//   - Filter: a condition in SQL.
func Open(ctx context.Context, o live.Target) (*Index, error) {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Timeout < time.Millisecond {
		return nil, fmt.Errorf("the time limit of a statement is %v: must be at least 1ms", o.Timeout)
	}
	if err := live.CheckCondition(o.Filter); err != nil {
		return nil, fmt.Errorf("-where %s: %w", o.Filter, err)
	}
	x := &Index{o: o}
	if err := x.connect(ctx); err != nil {
		return nil, x.failed(ctx, err)
	}
	for _, step := range []func(context.Context) error{x.begin, x.findTable, x.findIndex, x.readSettings, x.count} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(x.failed(ctx, err), x.Close())
		}
	}
	x.describe()
	return x, nil
}

// connect opens the connection. When ctx ends, the running statement is cancelled in the server too.
func (x *Index) connect(ctx context.Context) error {
	x.secrets = secretsIn(x.o.Address)
	config, err := parse(x.o.Address, x.secrets)
	if err != nil {
		return err
	}
	x.secrets = append(x.secrets, config.Password)
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "anncapacity audit"
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // a statement is planned each time: a stored plan would outlive a setting
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: time.Second}
	}
	x.conn, err = pgx.ConnectConfig(ctx, config)
	return err
}

// begin begins the transaction. Its settings end with it.
func (x *Index) begin(ctx context.Context) (err error) {
	x.tx, err = x.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	limit := fmt.Sprint(x.o.Timeout.Milliseconds())
	err = x.set(ctx, "statement_timeout", limit, "lock_timeout", limit, "idle_in_transaction_session_timeout", "0", "standard_conforming_strings", "on")
	if err != nil {
		return err
	}
	var readOnly string
	if err := x.tx.QueryRow(ctx, "SELECT current_setting('transaction_read_only')").Scan(&readOnly); err != nil {
		return err
	}
	if readOnly != "on" {
		return errors.New("the transaction is not read-only: is there a connection pool in the mode statement in between?")
	}
	return nil
}

// set changes settings for the transaction. namesAndValues holds names and values in turn.
func (x *Index) set(ctx context.Context, namesAndValues ...string) error {
	statement, arguments := "SELECT ", make([]any, len(namesAndValues))
	for i, word := range namesAndValues {
		arguments[i] = word
		if i%2 == 1 {
			statement += fmt.Sprintf("set_config($%d, $%d, true), ", i, i+1)
		}
	}
	_, err := x.tx.Exec(ctx, statement[:len(statement)-2], arguments...)
	return err
}

// Close ends the transaction and the connection.
func (x *Index) Close() error {
	if x.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := x.conn.Close(ctx) // the server rolls the transaction back
	x.conn = nil
	return x.explain(err)
}

// Index implements live.Engine.
func (x *Index) Index() live.Index { return x.found }
