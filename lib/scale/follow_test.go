package scale

import (
	"context"
	"io"
	"path/filepath"
	"testing"
	"time"
)

func TestFollow(t *testing.T) {
	w, err := CreateWork(t.Context(), filepath.Join(t.TempDir(), "work"), &Plan{Version: Version, Kind: KindExact, Exact: &Exact{
		Base: Data{Location: "base", Rows: 9, Dim: 2, Bytes: 72, Fingerprint: "f"}, K: 1, Metric: "l2", QueryBlock: 3, BaseBlock: 3, Parts: 1,
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	_, end, err := w.enter(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if running, err := w.Running(t.Context(), RunName()); err != nil || !running {
		t.Errorf("the run is recorded: %v, %v", running, err)
	}
	ctx, stop := w.follow(t.Context(), RunName(), time.Millisecond)
	defer stop()
	select {
	case <-ctx.Done():
		t.Fatal(context.Cause(ctx))
	case <-time.After(50 * time.Millisecond):
	}
	end()
	<-ctx.Done()
	if running, err := w.Running(t.Context(), RunName()); err != nil || running {
		t.Errorf("the run is recorded after its end: %v, %v", running, err)
	}
	again, stop := w.follow(t.Context(), RunName(), time.Hour)
	defer stop()
	<-again.Done()
}
