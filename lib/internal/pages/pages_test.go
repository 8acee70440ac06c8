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

// README.md fits on two screens: 120 lines of 100 columns.
func TestReadmeIsShort(t *testing.T) {
	lines := strings.Split(strings.TrimRight(read(t, filepath.Join(top, "README.md")), "\n"), "\n")
	if len(lines) > 120 {
		t.Errorf("README.md has %d lines, at most 120 are wanted", len(lines))
	}
	for i, line := range lines {
		if columns := utf8.RuneCountInString(line); columns > 100 {
			t.Errorf("README.md:%d: %d columns, at most 100 are wanted", i+1, columns)
		}
	}
}

// bench writes this page, on a machine that does nothing else: a checkout may lack it.
const benchPage = "docs/speeds.md"

// Links of the pages lead to files of this checkout, and to headings that they have.
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
	linkTarget = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fencedText = regexp.MustCompile("(?ms)^```.*?^```$")
	heading    = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	notInSlugs = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// linksOf are the targets of a page's links and pictures, addresses on the web left out.
func linksOf(page string) (links []string) {
	for _, match := range linkTarget.FindAllStringSubmatch(fencedText.ReplaceAllString(page, ""), -1) {
		if !strings.Contains(match[1], "://") {
			links = append(links, match[1])
		}
	}
	return links
}

// followLink says what is wrong with a link of a page; "" is nothing.
func followLink(page, link string) string {
	path, anchor, _ := strings.Cut(link, "#")
	target := page
	if path != "" {
		target = filepath.Join(filepath.Dir(page), path)
	}
	if _, err := os.Stat(filepath.Join(top, target)); err != nil {
		if target == benchPage {
			return ""
		}
		return "there is no " + target
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
	return target + " has no such heading"
}

// slug is a heading as GitHub makes an anchor of it.
func slug(heading string) string {
	return strings.ReplaceAll(notInSlugs.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

func TestFollowLink(t *testing.T) {
	page := "[a](x.md) ![b](../y.png#z) [c](https://example.org/d)\n```text\n[d](no)\n```\n"
	if got := strings.Join(linksOf(page), " "); got != "x.md ../y.png#z" {
		t.Errorf("links %s", got)
	}
	for link, broken := range map[string]bool{
		"formats.md": false, "../README.md#two-commands": false, "../lib/fidelity": false, "speeds.md": false,
		"none.md": true, "../README.md#two": true, "formats.md#file-formats-of-embeddings": false,
	} {
		if said := followLink("docs/method.md", link); (said != "") != broken {
			t.Errorf("%s: %q", link, said)
		}
	}
}

var checkedBy = regexp.MustCompile("`(lib/[a-z0-9/]+)`((?:,? ?`Test[A-Za-z0-9]+`)+)")

// The tests that docs/checks.md names are in the packages that it names.
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
				t.Errorf("docs/checks.md names %s of %s, which is not there", name, match[1])
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

// The table of CONTRIBUTING.md has one row for each folder of lib.
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
