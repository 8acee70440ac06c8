package postgres

import (
	"strings"
	"testing"
	"time"

	"anncapacity/lib/audit/live"
)

// No error of an address holds its password, whether the address can be parsed or not.
func TestPasswordIsMasked(t *testing.T) {
	for _, address := range []string{
		"postgres://user:hunter2@127.0.0.1:1/db?sslmode=disable",
		"postgres://user:hunter2@127.0.0.1:1/db?sslmode=nonsense",
		"postgres://user:hunter2@127.0.0.1:port/db",
		"postgres://user:hunter2%zz@host/db",
		"postgres://user:hun@ter:hunter2@[::1/db",
		"postgres://user:a/hunter2@host:99999999/db",
		"postgresql://127.0.0.1:1/db?user=u&password=hunter2&connect_timeout=1",
		"host=127.0.0.1 port=1 user=u password=hunter2 sslmode=disable",
		"host=127.0.0.1 port=x user=u password='hunter2 hunter2'",
		"password='hunter2",
		"postgres://user:a#hunter2@host/db",
		"postgres://user:12#hunter2@127.0.0.1/db",
		"hunter2://user:hunter2@host",
		"host=127.0.0.1 port=1 password=hunter2 connect_timeout=hunter2",
	} {
		_, err := Open(t.Context(), live.Target{Address: address, Name: "items", Column: "embedding", Timeout: time.Second})
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), ":a") || strings.Contains(err.Error(), "12") && !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A password from the environment is masked too.
func TestPasswordOfEnvironment(t *testing.T) {
	t.Setenv("PGPASSWORD", "hunter2")
	_, err := Open(t.Context(), live.Target{Address: "host=127.0.0.1 port=1 user=hunter2", Name: "items", Column: "embedding"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}
