package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"

	"anncapacity/lib/internal/process"
	"anncapacity/lib/internal/testkit"
)

// server is an S3 server (versitygw) behind a proxy that counts bytes and makes requests fail.
type server struct {
	t        *testing.T
	path     string // of the program
	address  string // of the server itself
	data     string // folder of the buckets
	side     string // folder of what describes the objects, so that their file system need not hold attributes
	process  *process.Process
	proxy    *httptest.Server
	bytes    atomic.Int64 // in answers to GET of objects
	requests atomic.Int64 // GET of objects
	cut      atomic.Int64 // if not zero, the next answer of more bytes is cut off after so many
	refuse   atomic.Int64 // number of requests that fail with status 503
}

const bucketName = "vectors"

// startServer starts a server with an empty bucket. Without the program the test is skipped.
func startServer(t *testing.T) *server {
	t.Helper()
	path := filepath.Join(testkit.Root(t), ".local", "bin", "versitygw")
	if _, err := os.Stat(path); err != nil {
		t.Skip("not checked: reading from S3 (versitygw is not installed: run `environment/setup.sh s3`)")
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "reader", "AWS_SECRET_ACCESS_KEY": "of-shards", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_REGION":                "us-east-1",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, path: path, address: listener.Addr().String(), data: t.TempDir(), side: t.TempDir()}
	listener.Close()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.process.Stop() })
	target := &url.URL{Scheme: "http", Host: s.address}
	rewrite := func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }
	proxy := &httputil.ReverseProxy{Rewrite: rewrite, ModifyResponse: s.modify}
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	s.proxy = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.refuse.Add(-1) >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.proxy.Close)
	var client *s3.Client
	if !s.open().As(&client) {
		t.Fatal("no client of S3")
	}
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucketName)}); err != nil {
		t.Fatal(err)
	}
	return s
}

// start starts the server, also after it was killed.
func (s *server) start() error {
	folder, err := process.NewFolder("", "s3")
	if err != nil {
		return err
	}
	s.process, err = process.Start(s.t.Context(), process.Options{
		Path: s.path,
		Args: []string{"--port", s.address, "--access", "reader", "--secret", "of-shards", "--quiet",
			"posix", "--sidecar", s.side, s.data},
		Folder: folder, Signal: syscall.SIGKILL,
		Ready: func(ctx context.Context) error {
			c, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
			if err == nil {
				c.Close()
			}
			return err
		},
	})
	return err
}

// kill ends the server as a crash does.
func (s *server) kill() {
	if err := s.process.Stop(); err != nil {
		s.t.Error(err)
	}
}

// modify counts the body of an answer and cuts it off if a test asked for that.
func (s *server) modify(r *http.Response) error {
	if r.Request.Method == http.MethodGet && len(r.Request.URL.Path) > len("/"+bucketName+"/") && r.StatusCode < 300 {
		s.requests.Add(1)
		body := &countedBody{ReadCloser: r.Body, bytes: &s.bytes}
		if r.ContentLength > s.cut.Load() {
			body.cut = s.cut.Swap(0)
		}
		r.Body = body
	}
	return nil
}

// countedBody counts the bytes of an answer and fails after cut bytes if that is not zero.
type countedBody struct {
	io.ReadCloser
	bytes     *atomic.Int64
	read, cut int64
}

func (c *countedBody) Read(p []byte) (int, error) {
	if c.cut > 0 {
		if c.read >= c.cut {
			return 0, errors.New("cut off by the test")
		}
		p = p[:min(int64(len(p)), c.cut-c.read)]
	}
	n, err := c.ReadCloser.Read(p)
	c.read += int64(n)
	c.bytes.Add(int64(n))
	return n, err
}

// location returns the URL of a prefix of a bucket.
func (s *server) location(bucket, prefix string) string {
	return fmt.Sprintf("s3://%s/%s?endpoint=%s&use_path_style=true", bucket, prefix, url.QueryEscape(s.proxy.URL))
}

// open returns the bucket.
func (s *server) open() *blob.Bucket {
	s.t.Helper()
	b, err := blob.OpenBucket(s.t.Context(), s.location(bucketName, ""))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { b.Close() })
	return b
}

// upload writes objects.
func (s *server) upload(objects map[string][]byte) {
	s.t.Helper()
	b := s.open()
	for key, data := range objects {
		if err := b.WriteAll(s.t.Context(), key, data, nil); err != nil {
			s.t.Fatal(err)
		}
	}
}

// served returns the bytes and the requests of objects that were served while f ran.
func (s *server) served(f func()) (bytes, requests int64) {
	bytes, requests = s.bytes.Load(), s.requests.Load()
	f()
	time.Sleep(10 * time.Millisecond) // until the proxy has counted the last piece
	return s.bytes.Load() - bytes, s.requests.Load() - requests
}
