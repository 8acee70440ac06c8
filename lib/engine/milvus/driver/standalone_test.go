package driver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/index"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"anncapacity/lib/audit/live"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
)

// A request that the server refuses is sent once. The client would send it six times.
func TestRefusalIsNotRepeated(t *testing.T) {
	var requests atomic.Int32
	refuses := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		if strings.HasSuffix(method, "/Connect") {
			return status.Error(codes.Unimplemented, "")
		}
		requests.Add(1)
		return status.Error(codes.ResourceExhausted, "too many requests")
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go refuses.Serve(listener)
	t.Cleanup(refuses.Stop)
	client, err := dial(t.Context(), listener.Addr().String(), "", once())
	if err != nil {
		t.Fatal(err)
	}
	x := &Index{server: &server{client: client}}
	_, err = x.AskBatch(t.Context(), enginetest.Gaussian(1, 4, 1), 1)
	if err == nil || !strings.Contains(err.Error(), "too many requests") || requests.Load() != 1 {
		t.Errorf("%d requests: %v", requests.Load(), err)
	}
}

// missing ends the test if the full server is not installed, or not the one that would be started.
func missing(t *testing.T) {
	t.Helper()
	if err := Engines()[full].Missing(); err != nil {
		t.Skip(err)
	}
	if os.Getenv(Address) != "" {
		t.Skip("the server was not started here")
	}
}

// A build that is cancelled while the server starts leaves no process and no file.
func TestStandaloneCancelled(t *testing.T) {
	missing(t)
	emptied(t)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := Engines()[full].Build(ctx, enginetest.Gaussian(100, 4, 1), engine.Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// The audit of a collection of the full server: a setting below k is refused, the others have their recall.
func TestAuditStandalone(t *testing.T) {
	missing(t)
	s, err := launchStandalone(t.Context(), engine.Options{Threads: 1, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	rows(t, s.client, "c", 3500, index.NewHNSWIndex(entity.L2, 4, 20), false)
	o := live.Target{Address: s.address, Name: "c"}
	r := audited(t, o, live.Options{K: []int{10, 100}, EfSearch: []int{16, 512}, Sample: 40})
	low, high, refused, beyond := r.Settings[0], r.Settings[1], r.Settings[2], r.Settings[3]
	if low.RecallByDistance >= high.RecallByDistance || high.RecallByDistance < .9 || high.Fill != 1 || beyond.K != 100 || beyond.RecallByDistance < .9 {
		t.Errorf("%+v", r.Settings)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "ef(16) should be larger than k(100)") {
		t.Error(notes)
	}
	if refused.K != 100 || refused.EfSearch != 16 || !refused.Rejected || r.Policy != "rejects" || r.N != 3500 {
		t.Errorf("%+v", r)
	}
}

// holder is the name of the environment variable that makes TestStandaloneHeld the process that is killed.
const holder = "ANNCAPACITY_HOLD"

// TestStandaloneHeld starts a server, prints its process ID and waits. It runs in the process that TestParentKilled kills.
func TestStandaloneHeld(t *testing.T) {
	if os.Getenv(holder) == "" {
		t.Skip("runs in a process of its own")
	}
	s, err := launchStandalone(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("server %d\n", s.own.PID())
	time.Sleep(time.Minute)
}

// The server ends when the process that started it is killed.
func TestParentKilled(t *testing.T) {
	missing(t)
	parent := exec.Command(os.Args[0], "-test.run=^TestStandaloneHeld$", "-test.v")
	parent.Env = append(os.Environ(), holder+"=1", "TMPDIR="+t.TempDir())
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	for lines := bufio.NewScanner(out); pid == 0 && lines.Scan(); {
		if text, found := strings.CutPrefix(lines.Text(), "server "); found {
			pid, _ = strconv.Atoi(text)
		}
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed
	if pid == 0 {
		t.Fatal("the server did not start")
	}
	for range 500 {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d still runs", pid)
}
