package spark

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/apache/spark-connect-go/spark/client/channel"
	"golang.org/x/oauth2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/credentials/oauth"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// connection connects as Spark's client does, and notes the session, which the client does not tell. It implements channel.Builder.
type connection struct {
	*channel.BaseBuilder
	conn  *grpc.ClientConn
	first atomic.Pointer[proto.Message] // the first request, which names the session and the user
}

// Build implements channel.Builder. A token, and the parameter use_ssl=true, mean TLS.
func (c *connection) Build(context.Context) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if c.Token() != "" || c.Headers()["use_ssl"] == "true" {
		transport = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	options := []grpc.DialOption{
		grpc.WithAuthority(c.Host()), grpc.WithTransportCredentials(transport), grpc.WithUnaryInterceptor(c.note),
	}
	if c.Token() != "" {
		token := &oauth2.Token{AccessToken: c.Token(), TokenType: "bearer"}
		options = append(options, grpc.WithPerRPCCredentials(oauth.TokenSource{TokenSource: oauth2.StaticTokenSource(token)}))
	}
	var err error
	c.conn, err = grpc.NewClient(net.JoinHostPort(c.Host(), strconv.Itoa(c.Port())), options...)
	return c.conn, err
}

// note keeps the first request.
func (c *connection) note(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, call grpc.UnaryInvoker, options ...grpc.CallOption) error {
	if m, ok := request.(proto.Message); ok {
		c.first.CompareAndSwap(nil, &m)
	}
	return call(ctx, method, request, reply, conn, options...)
}

// patience is the time that close waits for the server.
const patience = 10 * time.Second

// close ends the session, which ends its query in the cluster, and the connection. Spark's client has no call for it: without it, the
// query would go on after an interrupt, and the server would keep the session for an hour.
func (c *connection) close(ctx context.Context) error {
	defer c.conn.Close()
	first := c.first.Load()
	if first == nil {
		return nil
	}
	request, err := message("ReleaseSessionRequest")
	if err != nil {
		return err
	}
	reply, err := message("ReleaseSessionResponse")
	if err != nil {
		return err
	}
	for _, name := range []protoreflect.Name{"session_id", "user_context"} {
		from, to := (*first).ProtoReflect(), request.ProtoReflect()
		a, b := from.Descriptor().Fields().ByName(name), to.Descriptor().Fields().ByName(name)
		if a == nil || b == nil {
			return fmt.Errorf("%s has no field %s", from.Descriptor().FullName(), name)
		}
		to.Set(b, from.Get(a))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return c.conn.Invoke(metadata.NewOutgoingContext(ctx, metadata.New(c.Headers())), "/spark.connect.SparkConnectService/ReleaseSession", request, reply)
}

// message returns a new message of Spark Connect. The package that defines them is internal to Spark's client, which registers them.
func message(name protoreflect.FullName) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName("spark.connect." + name)
	if err != nil {
		return nil, err
	}
	return kind.New().Interface(), nil
}
