package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// ftpServer serves content as /folder/data.bin, as RFC 959 says. It is not the code that is tested.
type ftpServer struct {
	old      bool  // does not know EPSV and asks for no password
	cut      int64 // closes the first transfer after this number of bytes; 0 never
	hang     bool  // stops sending then, and does not close it
	sessions atomic.Int64
	commands chan string
}

// start returns the address of /folder/NAME.
func (f *ftpServer) start(t *testing.T, name string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	f.commands = make(chan string, 1000)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go f.session(textproto.NewConn(conn), f.sessions.Add(1))
		}
	}()
	return fmt.Sprintf("ftp://%s/folder/%s", listener.Addr(), name)
}

func (f *ftpServer) session(c *textproto.Conn, number int64) {
	defer c.Close()
	c.PrintfLine("220-a greeting\r\n220 of two lines")
	var data net.Listener
	var from int64
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		f.commands <- line
		name, argument, _ := strings.Cut(line, " ")
		switch name {
		case "REST":
			fmt.Sscan(argument, &from)
			c.PrintfLine("350 restarting")
		case "EPSV", "PASV":
			if name == "EPSV" && f.old {
				c.PrintfLine("500 unknown")
				continue
			}
			data, _ = net.Listen("tcp", "127.0.0.1:0")
			port := data.Addr().(*net.TCPAddr).Port
			if name == "EPSV" {
				c.PrintfLine("229 Entering Extended Passive Mode (|||%d|)", port)
			} else { // a server behind a router announces an address of its own network
				c.PrintfLine("227 Entering Passive Mode (10,9,8,7,%d,%d).", port>>8, port&255)
			}
		case "RETR":
			f.send(c, data, from, number)
		default:
			c.PrintfLine("%s", f.reply(name, argument))
		}
	}
}

func (f *ftpServer) reply(name, argument string) string {
	switch {
	case name == "USER" && f.old, name == "PASS":
		return "230 logged in"
	case name == "USER":
		return "331 password?"
	case name == "TYPE":
		return "200 binary"
	case name == "SIZE" && argument == "/folder/data.bin":
		return fmt.Sprintf("213 %d", len(content))
	case name == "SIZE":
		return "550 no such file"
	}
	return "500 unknown"
}

func (f *ftpServer) send(c *textproto.Conn, data net.Listener, from, number int64) {
	c.PrintfLine("150 here it comes")
	conn, err := data.Accept()
	if err != nil {
		return
	}
	rest := content[from:]
	if number == 1 && f.cut > 0 {
		rest = rest[:f.cut]
	}
	conn.Write(rest)
	if number == 1 && f.hang {
		io.Copy(io.Discard, conn) // until the client closes it
	}
	conn.Close()
	c.PrintfLine("226 done")
}

func TestFTP(t *testing.T) {
	for name, server := range map[string]*ftpServer{"new": {}, "old": {old: true}, "resumed": {cut: 1<<20 + 3}, "stalled": {cut: 5000, hang: true}} {
		t.Run(name, func(t *testing.T) {
			shortIdle := &client{idle: 300 * time.Millisecond, pause: time.Millisecond, attempts: 10}
			path, err := shortIdle.get(t.Context(), fileAt(server.start(t, "data.bin")), t.TempDir(), io.Discard)
			wantContent(t, path, err)
			close(server.commands)
			var rest []string
			for line := range server.commands {
				if strings.HasPrefix(line, "REST") {
					rest = append(rest, line)
				}
			}
			if server.cut == 0 && len(rest) > 0 || server.cut > 0 && (len(rest) != 1 || rest[0] != fmt.Sprintf("REST %d", server.cut)) {
				t.Errorf("the server is asked to restart: %q, after %d bytes", rest, server.cut)
			}
		})
	}
}

func TestFTPRefuses(t *testing.T) {
	_, err := impatient.get(t.Context(), fileAt(new(ftpServer).start(t, "other.bin")), t.TempDir(), io.Discard)
	wantError(t, err, "other.bin", "404 Not Found")
	f := fileAt(new(ftpServer).start(t, "data.bin"))
	f.Bytes++
	_, err = impatient.get(t.Context(), f, t.TempDir(), io.Discard)
	wantError(t, err, "the server has 3145745 bytes, want 3145746")
	f = fileAt(new(ftpServer).start(t, "data.bin"))
	f.SHA256 = strings.Repeat("0", 64)
	_, err = impatient.get(t.Context(), f, t.TempDir(), io.Discard)
	wantError(t, err, "not the file expected: sha256", "removed")
	server := &ftpServer{cut: 9, hang: true}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	dir := t.TempDir()
	if _, err = impatient.get(ctx, fileAt(server.start(t, "data.bin")), dir, io.Discard); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	wantPart(t, dir, 9)
}

// A mirror continues where the first address ended.
func TestMirrorContinues(t *testing.T) {
	url, requests := serve(t, func(n int64, w http.ResponseWriter, _ *http.Request) {
		if n > 0 {
			http.Error(w, "gone", http.StatusGone)
			return
		}
		cutAfter(w, 1<<20)
	})
	server, dir := &ftpServer{}, t.TempDir()
	f := fileAt(url)
	f.Mirrors = []string{server.start(t, "none.bin"), server.start(t, "data.bin")}
	path, err := impatient.get(t.Context(), f, dir, io.Discard)
	wantContent(t, path, err)
	if requests.Load() != 2 {
		t.Errorf("%d requests", requests.Load())
	}
	if err := os.Remove(filepath.Join(dir, "data.bin")); err != nil {
		t.Fatal(err)
	}
	f.Mirrors = f.Mirrors[:1]
	_, err = impatient.get(t.Context(), f, dir, io.Discard)
	wantError(t, err, "none.bin", "404")
}
