package progress

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// writes stores one string for each write.
type writes struct {
	sync.Mutex
	all []string
}

func (w *writes) Write(p []byte) (int, error) {
	w.Lock()
	defer w.Unlock()
	w.all = append(w.all, string(p))
	return len(p), nil
}

func (w *writes) last() string {
	w.Lock()
	defer w.Unlock()
	if len(w.all) == 0 {
		return ""
	}
	return w.all[len(w.all)-1]
}

// rate matches a plausible rate.
var rate = regexp.MustCompile(`, \d{1,3} images/s`)

// Every change is one write; a full bar ends its line once.
func TestNewIsOneWrite(t *testing.T) {
	var w writes
	b := New(&w, "embedding", 10, "images")
	time.Sleep(10 * time.Millisecond)
	b.Add(3)
	if got := w.last(); len(w.all) != 1 || !strings.Contains(got, "embedding") || !strings.Contains(got, "3/10") || !rate.MatchString(got) {
		t.Fatalf("after 3: %q", w.all)
	}
	time.Sleep(stepsPause + 50*time.Millisecond)
	b.Describe("again")
	b.Add(7)
	b.Stop()
	got := w.last()
	if len(w.all) != 3 || !strings.Contains(got, "again") || !strings.Contains(got, "10/10") || !strings.Contains(got, "images/") {
		t.Errorf("at its end: %q", w.all)
	}
	if text := strings.Join(w.all, ""); strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		t.Errorf("line ends: %q", text)
	}
}

// A bar that is stopped early ends its line and shows nothing afterwards. A bar that has shown nothing writes no line end.
func TestStopEarly(t *testing.T) {
	var w, silent writes
	b := New(&w, "looking", 10, "")
	b.Add(2)
	b.Stop()
	b.Add(1)
	if text := strings.Join(w.all, ""); !strings.Contains(text, "20%") || !strings.HasSuffix(text, "\n") || strings.Count(text, "\n") != 1 {
		t.Errorf("%q", text)
	}
	New(&silent, "looking", 10, "").Stop()
	if len(silent.all) > 0 {
		t.Errorf("a bar without a step shows %q", silent.all)
	}
}

func TestSet(t *testing.T) {
	var w writes
	b := New(&w, "exact", 1000, "")
	b.SetShare(.25)
	if !strings.Contains(w.last(), "25%") {
		t.Errorf("a quarter: %q", w.last())
	}
	b.SetShare(1)
	if !strings.Contains(w.last(), "100%") {
		t.Errorf("all: %q", w.last())
	}
}

func TestNewBytes(t *testing.T) {
	var w writes
	b := NewBytes(&w, "photos", 4_000_000)
	b.Set(1_000_000)
	if n, err := b.Write(make([]byte, 3_000_000)); n != 3_000_000 || err != nil {
		t.Fatal(n, err)
	}
	if got := w.last(); !strings.Contains(got, "photos") || !strings.Contains(got, "B/s") || !strings.Contains(got, "100%") {
		t.Errorf("%q", w.all)
	}
}

func TestNilShowsNothing(t *testing.T) {
	b := New(nil, "nothing", 3, "steps")
	b.Describe("still nothing")
	b.Add(1)
	b.Set(2)
	b.SetShare(1)
	if n, err := b.Write(make([]byte, 5)); n != 5 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	b.Stop()
	Spin(nil, "nothing")()
}

func TestSpin(t *testing.T) {
	var w writes
	stop := Spin(&w, "building")
	time.Sleep(1100 * time.Millisecond)
	stop()
	text := strings.Join(w.all, "")
	if !strings.Contains(text, "building") || !strings.Contains(text, "1s") || !strings.HasSuffix(text, "\n") {
		t.Errorf("%q", text)
	}
}
