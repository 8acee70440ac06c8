package cloud

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"anncapacity/lib/scale/shard"
)

// oneWriter checks that of many writers of the new file results/a in a folder one writes it.
func oneWriter(t *testing.T, f *shard.Folder) {
	t.Helper()
	var all sync.WaitGroup
	var created atomic.Int32
	for i := range 16 {
		all.Go(func() {
			ok, err := f.PutNew(context.Background(), "results/a", fmt.Appendf(nil, "writer %d", i))
			if err != nil {
				t.Error(err)
			}
			if ok {
				created.Add(1)
			}
		})
	}
	all.Wait()
	if data, err := f.Get(t.Context(), "results/a"); created.Load() != 1 || err != nil || !strings.HasPrefix(string(data), "writer ") {
		t.Errorf("%d writers, %q, %v", created.Load(), data, err)
	}
}

// deletes deletes results/a twice and checks that nothing is left.
func deletes(t *testing.T, f *shard.Folder) {
	t.Helper()
	for range 2 { // the second finds nothing
		if err := f.Delete(t.Context(), "results/a"); err != nil {
			t.Error(err)
		}
	}
	if names, err := f.List(t.Context(), "results/"); err != nil || len(names) != 0 {
		t.Error(names, err)
	}
}
