package study

import "testing"

func TestPhotographsAreAllOrADraw(t *testing.T) {
	ids := func(most int) []string {
		photographs, err := Job{Dataset: "generated:40", Profile: Profile{Images: most}}.Photographs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ids := make([]string, photographs.Len())
		for i := range ids {
			ids[i] = photographs.ID(i)
		}
		return ids
	}
	for most, want := range map[int]int{0: 40, 10: 10, 40: 40, 100: 40} {
		got := ids(most)
		unique := map[string]bool{}
		for _, id := range got {
			unique[id] = true
		}
		if len(got) != want || len(unique) != want {
			t.Errorf("at most %d of 40: %d images, %d of them different", most, len(got), len(unique))
		}
	}
	if _, err := (Job{Dataset: "no/such/folder"}).Photographs(t.Context()); err == nil {
		t.Error("a missing folder was opened")
	}
}
