package driver

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	retry "github.com/grpc-ecosystem/go-grpc-middleware/retry"
	"github.com/milvus-io/milvus/client/v2/milvusclient"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"anncapacity/lib/engine"
	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/process"
)

// version returns the versions of Milvus Lite and its FAISS, or that of a full server.
func (w way) version() string {
	if !w.full {
		lite, faiss := wheelVersion(release), wheelVersion(faiss)
		if lite == "" || faiss == "" {
			return ""
		}
		return fmt.Sprintf("%s, FAISS %s", lite, faiss)
	}
	if os.Getenv(Address) == "" {
		return wheelVersion(standaloneRelease)
	}
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	client, err := dial(ctx, os.Getenv(Address), "")
	if err != nil {
		return ""
	}
	defer client.Close(ctx)
	version, _ := client.GetServerVersion(ctx, milvusclient.NewGetServerVersionOption()) // "" after an error
	return version
}

var afterName = regexp.MustCompile(`-([^-]+)\.dist-info$`)

// wheelVersion returns the version in the name of the folder of a wheel's metadata.
func wheelVersion(pattern string) string {
	path, err := checkout.Installed(pattern)
	if match := afterName.FindStringSubmatch(path); err == nil && match != nil {
		return match[1]
	}
	return ""
}

// connectTimeout is the time limit of one connection attempt.
const connectTimeout = 2 * time.Second

// dial connects with a keepalive ping every 10 minutes instead of the client's default of 5 seconds. Milvus Lite's gRPC server
// closes a connection with so frequent pings, and with it any search that takes longer. token is user:password, a key, or "".
func dial(ctx context.Context, address, token string, more ...grpc.DialOption) (*milvusclient.Client, error) {
	return milvusclient.New(ctx, &milvusclient.ClientConfig{
		Address:     address,
		APIKey:      token,
		DialOptions: append(more, grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Minute})),
	})
}

// once returns the option of dial to send each request once. The client would send a refused one six times in 20 seconds.
func once() grpc.DialOption { return grpc.WithDefaultCallOptions(retry.Disable()) }

// server is a connection to a server, with the process if this package started it.
type server struct {
	client  *milvusclient.Client
	address string           // host:port
	own     *process.Process // nil for the server at Address
	folder  *process.Folder
}

func (w way) start(ctx context.Context, o engine.Options) (*server, error) {
	switch {
	case !w.full:
		port, err := freePorts(1)
		if err != nil {
			return nil, err
		}
		return launchLite(ctx, o, port[0])
	case os.Getenv(Address) == "":
		return launchStandalone(ctx, o)
	}
	within, cancel := context.WithTimeout(ctx, 10*connectTimeout)
	defer cancel()
	client, err := dial(within, os.Getenv(Address), "", once())
	if err != nil {
		return nil, fmt.Errorf("%s=%s: %w", Address, os.Getenv(Address), err)
	}
	return &server{client: client, address: os.Getenv(Address)}, nil
}

// freePorts returns n different free ports. If another process takes one first, the server does not start.
func freePorts(n int) ([]int, error) {
	found := make([]int, n)
	for i := range found {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		found[i] = l.Addr().(*net.TCPAddr).Port
	}
	return found, nil
}

// launchLite starts Milvus Lite's server.
func launchLite(ctx context.Context, o engine.Options, port int) (*server, error) {
	python, err := checkout.Installed(python)
	if err != nil {
		return nil, err
	}
	s := &server{address: fmt.Sprintf("127.0.0.1:%d", port)}
	if s.folder, err = process.NewFolder(o.Dir, "milvus"); err != nil {
		return nil, err
	}
	s.own, err = process.Start(ctx, process.Options{
		Path: python, Folder: s.folder,
		Args: []string{"-I", "-m", "milvus_lite", "server", "--data-dir", filepath.Join(s.folder.Path, "data"), "--host", "127.0.0.1", "--port", strconv.Itoa(port)},
		Env:  []string{"PYTHONUNBUFFERED=1", fmt.Sprintf("OMP_NUM_THREADS=%d", o.Threads)},
		Ready: func(ctx context.Context) (err error) {
			ctx, cancel := context.WithTimeout(ctx, connectTimeout)
			defer cancel()
			s.client, err = dial(ctx, s.address, "", once())
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// serverContext returns ctx, cancelled when a server that was started here ends, because the client would retry for half a minute.
func (s *server) serverContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.own == nil {
		return context.WithCancel(ctx)
	}
	return s.own.While(ctx)
}

// explain returns err with the reason why the server ended, if it was started here and did.
func (s *server) explain(err error) error {
	if err == nil || s.own == nil {
		return err
	}
	return s.own.Explain(err)
}

// stop closes the connection and stops the server if it was started here.
func (s *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	err := s.client.Close(ctx)
	if s.own == nil {
		return err
	}
	return s.own.Stop() // an error of the connection does not matter when the server stops
}
