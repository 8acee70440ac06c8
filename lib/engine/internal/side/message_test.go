package side

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/sbinet/npyio"
)

// reads writes a reply and reads it.
func reads(t *testing.T, line string, arrays ...any) (reply, error) {
	t.Helper()
	var sent bytes.Buffer
	received := bytes.NewBufferString(line + "\n")
	for _, a := range arrays {
		if err := npyio.Write(received, a); err != nil {
			t.Fatal(err)
		}
	}
	return roundTrip(bufio.NewReadWriter(bufio.NewReader(received), bufio.NewWriter(&sent)), message{Do: "ask"})
}

// A reply whose parts do not fit is an error.
func TestReplies(t *testing.T) {
	r, err := reads(t, `{"answers": 2, "memory": 9}`, []int32{1, 2}, []int32{4, 5, 6}, []float32{1, 2, 3})
	if err != nil || r.Memory != 9 || len(r.answers) != 2 || r.answers[1].IDs[1] != 6 || r.answers[1].Distances[0] != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	for want, parts := range map[string][]any{
		"1 lengths":       {[]int32{3}, []int32{4, 5, 6}, []float32{1, 2, 3}},
		"2 distances":     {[]int32{1, 2}, []int32{4, 5, 6}, []float32{1, 2}},
		"exceed 3 IDs":    {[]int32{2, 2}, []int32{4, 5, 6}, []float32{1, 2, 3}},
		"exceed 2 IDs":    {[]int32{3, -1}, []int32{4, 5}, []float32{1, 2}},
		"hold 2 of 3 IDs": {[]int32{1, 1}, []int32{4, 5, 6}, []float32{1, 2, 3}},
		"EOF":             {[]int32{1, 1}, []int32{4, 5}},
	} {
		if _, err := reads(t, `{"answers": 2}`, parts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := reads(t, "<html>"); err == nil {
		t.Error("a line that is not JSON was read")
	}
	if r, err := reads(t, `{"error": "no index"}`); err != nil || r.Error != "no index" {
		t.Errorf("%+v, %v", r, err)
	}
}
