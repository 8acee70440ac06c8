package page

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/net/html"

	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/report"
	"anncapacity/lib/report/reporttest"
)

func rendered(t *testing.T, r *report.Report) string {
	t.Helper()
	page, err := render(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// A page has no scripts and reads nothing else. Its bytes depend on the report alone.
func TestPageIsCompleteInItself(t *testing.T) {
	for _, sample := range reporttest.All() {
		page := rendered(t, sample.Report)
		if page != rendered(t, sample.Report) {
			t.Errorf("%s: two pages of the same report differ", sample.Name)
		}
		if len(page) > 200_000 {
			t.Errorf("%s: %d bytes", sample.Name, len(page))
		}
		if found := regexp.MustCompile(`url\(|@import|https?:|ZgotmplZ`).FindString(page); found != "" {
			t.Errorf("%s: the page holds %q", sample.Name, found)
		}
		headings := 0
		for _, tag := range tags(t, page) {
			if tag == "h1" {
				headings++
			}
			if slices.Contains([]string{"script", "link", "img", "image", "iframe", "object", "use", "a"}, tag) || strings.HasPrefix(tag, "on") {
				t.Errorf("%s: the page has the tag %s", sample.Name, tag)
			}
		}
		if headings != 1 {
			t.Errorf("%s: %d headings of the page", sample.Name, headings)
		}
	}
}

// tags returns the tags of a page in their order, each followed by the names of its attributes.
func tags(t *testing.T, page string) (all []string) {
	t.Helper()
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if len(all) < 50 {
				t.Fatalf("%d tags: %v", len(all), z.Err())
			}
			return all
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			all = append(all, token.Data)
			for _, a := range token.Attr {
				all = append(all, a.Key)
			}
		}
	}
}

// A report whose texts all hold markup has the same tags as one whose texts hold letters.
func TestTextIsEscaped(t *testing.T) {
	const hostile = `</style></title></pre></svg><script>alert(1)</script><img src=x onerror=alert(1)>"'&{{.}}`
	page := func(text string) string {
		r := reporttest.Filtered()
		r.Labels, r.Graph = reporttest.File().Labels, reporttest.File().Graph
		fill(reflect.ValueOf(r), text)
		r.Kind, r.Target, r.Settings[1].Present = report.KindLive, report.ByDistance, true
		return rendered(t, r)
	}
	bad, good := page(hostile), page("letters")
	if got, want := tags(t, bad), tags(t, good); !slices.Equal(got, want) {
		t.Errorf("%d tags and attributes, want %d", len(got), len(want))
	}
	shown := 0
	for z := html.NewTokenizer(strings.NewReader(bad)); z.Next() != html.ErrorToken; {
		if token := z.Token(); token.Type == html.TextToken && strings.Contains(token.Data, hostile) {
			shown++
		}
	}
	if shown < 20 {
		t.Errorf("%d texts are shown as they are", shown)
	}
}

// fill sets every string of a value to text.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text)
		}
	case reflect.String:
		v.SetString(text)
	}
}

// Every colour of a chart has another value on dark paper.
func TestColorsAreReadableOnDarkPaper(t *testing.T) {
	found := map[string]bool{}
	for _, sample := range reporttest.All() {
		for _, match := range regexp.MustCompile(`var\((--c[0-9a-f]{6}),`).FindAllStringSubmatch(rendered(t, sample.Report), -1) {
			found[match[1]] = true
		}
	}
	for name := range found {
		if !strings.Contains(style, name+": #") {
			t.Errorf("page.css has no dark value of %s", name)
		}
	}
	if len(found) < 10 {
		t.Errorf("the charts have %d colours", len(found))
	}
}

func TestContent(t *testing.T) {
	for name, want := range map[string][]string{
		"live": {"<title>Audit of items.embedding</title>", "<strong>No.</strong> At k\u00a0=\u00a040 with", "ALTER DATABASE app SET hnsw.ef_search = 120;", "26 November 2026, 18:40 UTC",
			">Time of a question</h3>", ">Answers that came back</h3>", "The worst queries", "exact p50 ms"},
		"file":          {"Vectors that no search can reach</th><td>37<", "Filters by label", ">Capacity</h3>", "60,000, 1,871, 58, 2"},
		"filtered":      {"2,013 of 200,000 vectors match, 1 %", "&#39;active&#39;", "strict_order"},
		"many-settings": {"All 400 settings"},
		"good":          {`class="verdict Yes"`, "A smaller setting is enough."},
		"undecided":     {`class="verdict Undecided"`},
		"rejected":      {"answers with an error", "<td>error</td>"},
		"no-advice":     {"index not used", "No setting that was tried"},
		"advice":        {"Which efSearch do the queries of e.npy need?", `class="verdict "`},
	} {
		i := slices.IndexFunc(reporttest.All(), func(s reporttest.Sample) bool { return s.Name == name })
		page := rendered(t, reporttest.All()[i].Report)
		for _, part := range want {
			if !strings.Contains(page, part) {
				t.Errorf("%s: the page lacks %q", name, part)
			}
		}
	}
	one := rendered(t, reporttest.OneSetting())
	for _, absent := range []string{"<svg", "The worst queries", "The graph", "What to change"} {
		if strings.Contains(one, absent) {
			t.Errorf("one setting: the page holds %q", absent)
		}
	}
}

// Write replaces its own files and empty ones, and no others.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	for _, r := range []*report.Report{reporttest.Live(), reporttest.File()} {
		if err := Write(path, r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != rendered(t, reporttest.File()) {
		t.Errorf("the file is not the second report (%v)", err)
	}
	empty := filepath.Join(dir, "empty.html")
	foreign, fifo, link := filepath.Join(dir, "mine.html"), filepath.Join(dir, "fifo"), filepath.Join(dir, "link")
	for name, content := range map[string]string{empty: "", foreign: "<!DOCTYPE html><p>mine"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(empty, reporttest.Live()); err != nil {
		t.Error(err)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{foreign, fifo, link, dir} {
		testkit.WantMentions(t, name, Write(name, reporttest.Live()), name, "exists")
	}
	testkit.WantMentions(t, "no folder", Write(filepath.Join(dir, "none", "r.html"), reporttest.Live()), "none")
	if content, err := os.ReadFile(foreign); err != nil || !bytes.HasSuffix(content, []byte("mine")) {
		t.Errorf("the foreign file is %q (%v)", content, err)
	}
	another := reporttest.Live()
	another.Version = 2
	testkit.WantMentions(t, "another version", Write(path, another), path, fmt.Sprint("version ", 2))
}
