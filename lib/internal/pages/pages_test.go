package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// README.md has at most 120 lines of at most 100 columns.
func TestReadmeIsShort(t *testing.T) {
	lines := strings.Split(strings.TrimRight(read(t, filepath.Join(top, "README.md")), "\n"), "\n")
	if len(lines) > 120 {
		t.Errorf("README.md has %d lines, want at most 120", len(lines))
	}
	for i, line := range lines {
		if columns := utf8.RuneCountInString(line); columns > 100 {
			t.Errorf("README.md:%d: %d columns, want at most 100", i+1, columns)
		}
	}
}

// TestLinks checks that the links of the pages lead to existing files of this checkout and to existing headings.
func TestLinks(t *testing.T) {
	figures, err := filepath.Glob(filepath.Join(top, "figures", "*", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages := append(commandPages(t), "CHANGELOG.md")
	for _, path := range figures {
		pages = append(pages, strings.TrimPrefix(path, top+"/"))
	}
	for _, page := range pages {
		for _, link := range linksOf(read(t, filepath.Join(top, page))) {
			if broken := followLink(page, link); broken != "" {
				t.Errorf("%s: link to %s: %s", page, link, broken)
			}
		}
	}
}

var (
	linkTarget = regexp.MustCompile(`(?m)\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$`)
	fencedText = regexp.MustCompile("(?ms)^```.*?^```$")
	heading    = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	notInSlugs = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// linksOf returns the targets of a page's links and pictures, without those on the web.
func linksOf(page string) (links []string) {
	for _, match := range linkTarget.FindAllStringSubmatch(fencedText.ReplaceAllString(page, ""), -1) {
		if target := match[1] + match[2]; !strings.Contains(target, "://") {
			links = append(links, target)
		}
	}
	return links
}

// followLink returns a description of what is wrong with a link of a page, or "" if the link is valid.
func followLink(page, link string) string {
	path, anchor, _ := strings.Cut(link, "#")
	target := page
	if path != "" {
		target = filepath.Join(filepath.Dir(page), path)
	}
	if _, err := os.Stat(filepath.Join(top, target)); err != nil {
		return "no file " + target
	}
	if anchor == "" {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(top, target))
	if err != nil {
		return err.Error()
	}
	for _, match := range heading.FindAllStringSubmatch(fencedText.ReplaceAllString(string(text), ""), -1) {
		if slug(match[1]) == anchor {
			return ""
		}
	}
	return target + " has no heading with this anchor"
}

// slug returns the anchor that GitHub derives from a heading.
func slug(heading string) string {
	return strings.ReplaceAll(notInSlugs.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

func TestFollowLink(t *testing.T) {
	page := "[a](x.md) ![b](../y.png#z) [c](https://example.org/d)\n[e]: v/w.png\n```text\n[d](no)\n```\n"
	if got := strings.Join(linksOf(page), " "); got != "x.md ../y.png#z v/w.png" {
		t.Errorf("links %s", got)
	}
	for link, broken := range map[string]bool{
		"formats.md": false, "../README.md#two-commands": false, "../lib/fidelity": false, "speeds.md": false,
		"none.md": true, "../README.md#two": true, "formats.md#file-formats-of-embeddings": false,
	} {
		if problem := followLink("docs/method.md", link); (problem != "") != broken {
			t.Errorf("%s: %q", link, problem)
		}
	}
}

var checkedBy = regexp.MustCompile("`(lib/[a-z0-9/]+)`((?:,? ?`Test[A-Za-z0-9]+`)+)")

// The tests that docs/checks.md names exist in the packages that it names.
func TestNamedTestsExist(t *testing.T) {
	named := 0
	for _, match := range checkedBy.FindAllStringSubmatch(read(t, filepath.Join(top, "docs", "checks.md")), -1) {
		files, err := filepath.Glob(filepath.Join(top, match[1], "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		var tests strings.Builder
		for _, path := range files {
			tests.WriteString(read(t, path))
		}
		for _, name := range regexp.MustCompile("Test[A-Za-z0-9]+").FindAllString(match[2], -1) {
			named++
			if !strings.Contains(tests.String(), "\nfunc "+name+"(t *testing.T)") {
				t.Errorf("docs/checks.md names %s of %s, which does not exist", name, match[1])
			}
		}
	}
	if named < 10 {
		t.Errorf("docs/checks.md names %d tests", named)
	}
}

// CITATION.cff names the version that CHANGELOG.md lists first, and its date.
func TestCitationNamesTheRelease(t *testing.T) {
	citation := read(t, filepath.Join(top, "CITATION.cff"))
	release := regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$`).FindStringSubmatch(read(t, filepath.Join(top, "CHANGELOG.md")))
	if release == nil {
		t.Fatal("CHANGELOG.md lists no release")
	}
	for _, want := range []string{"\nversion: " + release[1] + "\n", "\ndate-released: \"" + release[2] + "\"\n"} {
		if !strings.Contains(citation, want) {
			t.Errorf("CITATION.cff lacks %q", want)
		}
	}
}

// The table in CONTRIBUTING.md has one row for each folder of lib.
func TestEveryPackageHasItsRow(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(top, "lib"))
	if err != nil {
		t.Fatal(err)
	}
	var folders, rows []string
	for _, e := range entries {
		if e.IsDir() {
			folders = append(folders, e.Name())
		}
	}
	_, table, _ := strings.Cut(read(t, filepath.Join(top, "CONTRIBUTING.md")), "\n| package of `lib` | what |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, match := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(table, -1) {
		rows = append(rows, match[1])
	}
	slices.Sort(rows)
	if !slices.Equal(rows, folders) {
		t.Errorf("the rows are %v, the folders %v", rows, folders)
	}
}
