package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// ftpTransport implements http.RoundTripper for addresses of ftp (RFC 959, 2428 and 3659): it answers a GET as a server of http
// would, and logs in as anonymous. It understands a Range of the form "bytes=N-", which becomes the command REST.
type ftpTransport struct{}

// RoundTrip returns a response whose body is the transfer of the file. Closing the body ends the connection.
func (ftpTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	s, err := openFTP(r.Context(), r.URL.Host)
	if err != nil {
		return nil, err
	}
	response, err := s.get(r)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return response, nil
}

// ftpSession is a control connection and, during a transfer, a data connection. It is the body of a response.
type ftpSession struct {
	control *textproto.Conn
	host    string      // without the port
	data    net.Conn    // nil if there is no transfer
	unwatch func() bool // ends the closing of connections when the context is done
}

// openFTP connects to the server and logs in.
func openFTP(ctx context.Context, address string) (*ftpSession, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = strings.Trim(address, "[]"), "21"
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	s := &ftpSession{control: textproto.NewConn(conn), host: host}
	s.unwatch = context.AfterFunc(ctx, func() { conn.Close() })
	if err := s.login(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// FTP reply codes. A code of one or two digits stands for all codes that begin with it.
const (
	ftpBegins      = 1
	ftpDone        = 2
	ftpWantsMore   = 3
	ftpReady       = 220
	ftpSize        = 213
	ftpPassive     = 227
	ftpExtended    = 229
	ftpUnavailable = 550
)

func (s *ftpSession) login() error {
	if _, _, err := s.control.ReadResponse(ftpReady); err != nil {
		return err
	}
	if _, err := s.command(ftpWantsMore, "USER anonymous"); err != nil {
		var code *textproto.Error
		if !errors.As(err, &code) || code.Code/100 != ftpDone { // some servers ask for no password
			return err
		}
	} else if _, err := s.command(ftpDone, "PASS anonymous@"); err != nil {
		return err
	}
	_, err := s.command(ftpDone, "TYPE I")
	return err
}

// command sends a command and returns the text of the reply. It is an error, of type *textproto.Error, if the reply has another
// code than want.
func (s *ftpSession) command(want int, format string, args ...any) (string, error) {
	if err := s.control.PrintfLine(format, args...); err != nil {
		return "", err
	}
	_, text, err := s.control.ReadResponse(want)
	return text, err
}

// get requests the file of r.
func (s *ftpSession) get(r *http.Request) (*http.Response, error) {
	text, err := s.command(ftpSize, "SIZE %s", r.URL.Path)
	var code *textproto.Error
	if errors.As(err, &code) && code.Code == ftpUnavailable {
		return s.response(r, http.StatusNotFound, "", 0), nil
	}
	if err != nil {
		return nil, err
	}
	size, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || size < 0 {
		return nil, fmt.Errorf("the server says that the file has the size %q", text)
	}
	var from int64
	if asked := r.Header.Get("Range"); asked != "" {
		if _, err := fmt.Sscanf(asked, "bytes=%d-", &from); err != nil || from < 0 {
			return nil, fmt.Errorf("range %q: want bytes=N-", asked)
		}
	}
	if from >= size && from > 0 {
		return s.response(r, http.StatusRequestedRangeNotSatisfiable, fmt.Sprintf("bytes */%d", size), 0), nil
	}
	if err := s.retrieve(r.Context(), r.URL.Path, from); err != nil {
		return nil, err
	}
	if from > 0 {
		return s.response(r, http.StatusPartialContent, fmt.Sprintf("bytes %d-%d/%d", from, size-1, size), size-from), nil
	}
	return s.response(r, http.StatusOK, "", size), nil
}

// retrieve opens the data connection and begins the transfer of a file at an offset.
func (s *ftpSession) retrieve(ctx context.Context, path string, from int64) error {
	port, err := s.passive()
	if err != nil {
		return err
	}
	// The host is that of the control connection, whatever the server announces.
	if s.data, err = new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(s.host, strconv.Itoa(port))); err != nil {
		return err
	}
	data, unwatch := s.data, s.unwatch
	stop := context.AfterFunc(ctx, func() { data.Close() })
	s.unwatch = func() bool { return stop() && unwatch() }
	if from > 0 {
		if _, err := s.command(ftpWantsMore, "REST %d", from); err != nil {
			return err
		}
	}
	_, err = s.command(ftpBegins, "RETR %s", path)
	return err
}

// passive asks for a port of the server for the data connection.
func (s *ftpSession) passive() (port int, err error) {
	text, err := s.command(ftpExtended, "EPSV")
	if err == nil {
		if _, err := fmt.Sscanf(text[max(0, strings.Index(text, "(")):], "(|||%d|)", &port); err == nil {
			return port, nil
		}
	}
	if text, err = s.command(ftpPassive, "PASV"); err != nil {
		return 0, err
	}
	digits := strings.FieldsFunc(text, func(c rune) bool { return c < '0' || c > '9' }) // four of the host, two of the port
	if len(digits) < 6 {
		return 0, fmt.Errorf("the server announces the port %q", text)
	}
	high, err1 := strconv.ParseUint(digits[4], 10, 8)
	low, err2 := strconv.ParseUint(digits[5], 10, 8)
	return int(high<<8 | low), errors.Join(err1, err2)
}

// response returns a response whose body is s.
func (s *ftpSession) response(r *http.Request, status int, contentRange string, length int64) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status, Proto: "HTTP/1.0", ProtoMajor: 1,
		Header: http.Header{"Content-Range": {contentRange}}, Body: s, ContentLength: length, Request: r,
	}
}

// Read reads from the transfer, or nothing if there is none.
func (s *ftpSession) Read(p []byte) (int, error) {
	if s.data == nil {
		return 0, io.EOF
	}
	return s.data.Read(p)
}

// Close ends the transfer and the session.
func (s *ftpSession) Close() error {
	s.unwatch()
	if s.data != nil {
		s.data.Close() // an error is one of the transfer, which Read reported
	}
	s.control.Close()
	return nil
}
