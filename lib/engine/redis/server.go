package redis

import (
	"context"
	"errors"
	"net"
	"path/filepath"

	client "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/process"
)

// server is a Redis server and the connections to it.
type server struct {
	*process.Process
	client *client.Client
}

// start starts a server, to which up to the given number of connections are opened. Its folder is in the system's folder for
// temporary files, because the name of a socket has at most 107 bytes.
func start(ctx context.Context, connections int) (*server, error) {
	path, err := checkout.Installed(executable)
	if err != nil {
		return nil, err
	}
	folder, err := process.NewFolder("", "redis")
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(folder.Path, "socket")
	c := connect(socket, connections)
	p, err := process.Start(ctx, process.Options{
		Path: path, Args: settings(socket), Folder: folder,
		Ready: func(ctx context.Context) error {
			conn, err := net.Dial("unix", socket) // the client would report each attempt
			if err != nil {
				return err
			}
			return errors.Join(conn.Close(), c.Ping(ctx).Err())
		},
	})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &server{Process: p, client: c}, nil
}

// settings returns a configuration without a network interface and without files. Only the current user may enter the folder
// of the socket.
func settings(socket string) []string {
	return []string{"--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--loglevel", "warning"}
}

// connect returns a client that does not repeat a command whose connection broke, and waits for an answer without a limit of
// its own.
func connect(address string, connections int) *client.Client {
	return client.NewClient(&client.Options{
		Network: "unix", Addr: address, PoolSize: connections, MaxRetries: -1, DialerRetries: 1, ReadTimeout: -1, WriteTimeout: -1,
		ContextTimeoutEnabled: true, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

// stop ends the server and removes its folder.
func (s *server) stop() error { return errors.Join(s.client.Close(), s.Stop()) }
