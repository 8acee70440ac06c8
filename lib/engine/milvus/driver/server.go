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

	"github.com/milvus-io/milvus/client/v2/milvusclient"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"anncapacity/lib/engine"
	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/process"
)

// version is Milvus Lite's with its FAISS's, or what a full server says.
func (w way) version() string {
	if !w.full {
		lite, faiss := number(release), number(faiss)
		if lite == "" || faiss == "" {
			return ""
		}
		return fmt.Sprintf("%s, FAISS %s", lite, faiss)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := dial(ctx, os.Getenv(Address))
	if err != nil {
		return ""
	}
	defer client.Close(ctx)
	version, _ := client.GetServerVersion(ctx, milvusclient.NewGetServerVersionOption()) // "" where it does not tell
	return version
}

var afterName = regexp.MustCompile(`-([^-]+)\.dist-info$`)

// number is the version in the name of the folder where a wheel's metadata is.
func number(pattern string) string {
	path, err := checkout.Installed(pattern)
	if match := afterName.FindStringSubmatch(path); err == nil && match != nil {
		return match[1]
	}
	return ""
}

// patience is for one connection.
const patience = 2 * time.Second

// dial connects without the client's ping every 5 seconds: Milvus Lite's gRPC takes so many for an attack and hangs up on a
// question that lasts longer.
func dial(ctx context.Context, address string) (*milvusclient.Client, error) {
	return milvusclient.New(ctx, &milvusclient.ClientConfig{
		Address:     address,
		DialOptions: []grpc.DialOption{grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Minute})},
	})
}

// server is a Milvus that answers, and our process where it is ours.
type server struct {
	client *milvusclient.Client
	own    *process.Process // nil: a full server
	folder *process.Folder
}

func (w way) start(ctx context.Context, o engine.Options) (*server, error) {
	if !w.full {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		return w.launch(ctx, o, port)
	}
	within, cancel := context.WithTimeout(ctx, 10*patience)
	defer cancel()
	client, err := dial(within, os.Getenv(Address))
	if err != nil {
		return nil, fmt.Errorf("%s=%s: %w", Address, os.Getenv(Address), err)
	}
	return &server{client: client}, nil
}

// freePort is one that nobody listens on now; the server fails to start where another process takes it first.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// launch starts Milvus Lite's server.
func (w way) launch(ctx context.Context, o engine.Options, port int) (*server, error) {
	python, err := checkout.Installed(python)
	if err != nil {
		return nil, err
	}
	s := &server{}
	if s.folder, err = process.NewFolder(o.Dir, "milvus"); err != nil {
		return nil, err
	}
	s.own, err = process.Start(ctx, process.Options{
		Path: python, Folder: s.folder,
		Args: []string{"-I", "-m", "milvus_lite", "server", "--data-dir", filepath.Join(s.folder.Path, "data"), "--host", "127.0.0.1", "--port", strconv.Itoa(port)},
		Env:  []string{"PYTHONUNBUFFERED=1", fmt.Sprintf("OMP_NUM_THREADS=%d", o.Threads)},
		Ready: func(ctx context.Context) (err error) {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			s.client, err = dial(ctx, fmt.Sprintf("127.0.0.1:%d", port))
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// while is ctx, cancelled when our server ends: the client would go on trying for half a minute.
func (s *server) while(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.own == nil {
		return context.WithCancel(ctx)
	}
	return s.own.While(ctx)
}

// explain says how our server ended, if it did.
func (s *server) explain(err error) error {
	if err == nil || s.own == nil {
		return err
	}
	return s.own.Explain(err)
}

// stop ends the connection, and the server where it is ours.
func (s *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.client.Close(ctx)
	if s.own == nil {
		return err
	}
	return s.own.Stop() // what a connection says whose server is to end is of no interest
}
