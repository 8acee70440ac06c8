package driver

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"

	"anncapacity/lib/engine"
	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/process"
)

//go:embed milvus.yaml.tmpl etcd.yaml.tmpl glog.conf.tmpl
var templates embed.FS

// settings are the values in the templates: the server's folder, and its ports.
type settings struct {
	Dir   string
	Ports []int
}

// Ports of a server, as the templates number them.
const (
	proxyPort   = 2
	metricsPort = 10
	ports       = 11
)

// launchStandalone starts a full server, which keeps its data in a folder of its own. The server is one process, which the
// kernel kills with the current one: a request to end it may take minutes, and nothing in its folder is used again. It
// accepts connections on every network interface, because Milvus has no setting for that.
func launchStandalone(ctx context.Context, o engine.Options) (*server, error) {
	binary, err := checkout.Installed(standalone)
	if err != nil {
		return nil, err
	}
	free, err := freePorts(ports)
	if err != nil {
		return nil, err
	}
	s := &server{address: fmt.Sprintf("127.0.0.1:%d", free[proxyPort])}
	if s.folder, err = process.NewFolder(o.Dir, "milvus"); err != nil {
		return nil, err
	}
	if err := configure(settings{s.folder.Path, free}); err != nil {
		return nil, errors.Join(err, s.folder.Remove())
	}
	s.own, err = process.Start(ctx, process.Options{
		Path: binary, Args: []string{"run", "standalone"}, Folder: s.folder, Signal: syscall.SIGKILL,
		Env: []string{
			"LD_LIBRARY_PATH=" + filepath.Dir(binary), "DEPLOY_MODE=STANDALONE", "MILVUSCONF=" + filepath.Join(s.folder.Path, "configs"),
			"MILVUS_RUN_DIR=" + filepath.Join(s.folder.Path, "run"), fmt.Sprintf("METRICS_PORT=%d", free[metricsPort]),
			fmt.Sprintf("GOMAXPROCS=%d", o.Threads), fmt.Sprintf("OMP_NUM_THREADS=%d", o.Threads),
		},
		Ready: func(ctx context.Context) (err error) {
			ctx, cancel := context.WithTimeout(ctx, connectTimeout)
			defer cancel()
			if err = healthy(ctx, free[metricsPort]); err == nil {
				s.client, err = dial(ctx, s.address, "", once())
			}
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	removeServerID(s.own.PID())
	return s, nil
}

// configure writes the server's parameters to its folder.
func configure(values settings) error {
	all, err := template.ParseFS(templates, "*.tmpl")
	if err != nil {
		return err
	}
	for _, name := range []string{"configs", "run", "data"} {
		if err := os.Mkdir(filepath.Join(values.Dir, name), 0o755); err != nil {
			return err
		}
	}
	for _, t := range all.Templates() {
		var text strings.Builder
		if err := t.Execute(&text, values); err != nil {
			return err
		}
		path := filepath.Join(values.Dir, "configs", strings.TrimSuffix(t.Name(), ".tmpl"))
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// healthy returns an error until every part of the server runs.
func healthy(ctx context.Context, port int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/healthz", port), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, text)
	}
	return err
}

// removeServerID removes the file that a full server leaves in a folder whose name is fixed, and that folder if nothing else is in
// it.
func removeServerID(pid int) {
	const folder = "/tmp/milvus"
	_ = os.Remove(filepath.Join(folder, fmt.Sprintf("server_id_%d", pid)))
	_ = os.Remove(folder)
}

// rowsAndIndex returns the disk space of the rows and of the index in the server's folder. It leaves out the logs of etcd and of
// the message queue, which are allocated in large pieces.
func rowsAndIndex(folder string) (sum int64) {
	for _, name := range []string{"insert_log", "stats_log", "delta_log", "index_files"} {
		part := process.Folder{Path: filepath.Join(folder, "data", name)}
		sum += part.Bytes()
	}
	return sum
}
