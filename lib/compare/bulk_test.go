package compare

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/own"
	"anncapacity/lib/engine/trees"
	"anncapacity/lib/internal/table"
)

// Every metric is timed with the engines that support it. Exact engines have overlap 1. A second call reads the stored rows.
func TestBulkAll(t *testing.T) {
	built := 0
	count := own.Engines()[0]
	inner := count.Open
	count.Open = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
		built++
		return inner(ctx, base, o)
	}
	dir := t.TempDir()
	o := BulkOptions{Base: BulkVectors(clusters(300, 24), 700, 8, 1), K: 10, Engines: []engine.Engine{count, trees.Engines()[0]}, Time: time.Millisecond}
	rows, err := BulkAll(context.Background(), o, ann.Metrics, dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 5+5+3 || built != 3 { // all pairs, and two engines in two ways; the tree does not support the inner product
		t.Fatalf("%d rows, %d built", len(rows), built)
	}
	for _, r := range rows {
		if r.Points != 700 || r.Dimensions != 8 || r.K != 10 || r.Seconds <= 0 || r.Ratio <= 0 || r.Missing != "" || r.Overlap < .999 {
			t.Errorf("%+v", r)
		}
	}
	stored, err := table.ReadRows[BulkRow](filepath.Join(dir, BulkFile))
	if err != nil || !reflect.DeepEqual(stored, rows) {
		t.Errorf("stored %v (%v)", stored, err)
	}
	if again, err := BulkAll(context.Background(), o, ann.Metrics, dir); err != nil || built != 3 || !reflect.DeepEqual(again, rows) {
		t.Errorf("measured again: %d built (%v)", built, err)
	}
	o.K = 5
	if _, err := BulkAll(context.Background(), o, ann.Metrics[:1], dir); err != nil || built != 4 {
		t.Errorf("another k: %d built (%v)", built, err)
	}
}

// An available engine that fails has a row and is tried again.
func TestBulkAllTriesAgain(t *testing.T) {
	failing := own.Engines()[0]
	failing.Open = func(context.Context, ann.Vectors, engine.Options) (engine.Adapter, error) {
		return nil, os.ErrPermission
	}
	o := BulkOptions{Base: clusters(300, 8), K: 10, Engines: []engine.Engine{failing}, Time: time.Millisecond}
	dir := t.TempDir()
	rows, err := BulkAll(context.Background(), o, ann.Metrics[:1], dir)
	if err != nil || len(rows) != 2 || rows[1].Missing == "" {
		t.Fatalf("%+v (%v)", rows, err)
	}
	if parts, _ := filepath.Glob(filepath.Join(dir, "parts", "*")); len(parts) > 0 {
		t.Errorf("kept %v", parts)
	}
}
