package interrupt

import (
	"context"
	"errors"
	"testing"
)

func TestWait(t *testing.T) {
	failed := errors.New("failed")
	if v, err := Wait(t.Context(), func() (int, error) { return 7, failed }); v != 7 || err != failed {
		t.Errorf("%d, %v", v, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	begun, end := make(chan bool), make(chan bool)
	defer close(end)
	go func() { <-begun; cancel() }()
	v, err := Wait(ctx, func() (int, error) { close(begun); <-end; return 7, nil })
	if v != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %d, %v", v, err)
	}
}
