package page

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/report/reporttest"
)

// On a phone 390 pixels wide, no page is wider than the screen, and the text of charts has at least nine pixels. A browser lays the
// pages out in frames of that width, with a script that the pages themselves do not have.
func TestPagesFitOnAPhone(t *testing.T) {
	if _, err := exec.LookPath("chromium"); errors.Is(err, exec.ErrNotFound) {
		t.Skip("chromium is missing: apt-get install chromium")
	}
	const script = `<script>addEventListener("load", () => {
	const texts = [...document.querySelectorAll("svg text")].map(t => t.getBoundingClientRect().height).filter(h => h > 0);
	parent.postMessage(NAME + " " + document.documentElement.scrollWidth + " " + Math.floor(Math.min(99, ...texts)), "*") })</script>`
	dir := t.TempDir()
	frames := `<body><script>addEventListener("message", e => { document.body.append("[" + e.data + "]") })</script>`
	for _, sample := range reporttest.All() {
		page := rendered(t, sample.Report) + strings.Replace(script, "NAME", `"`+sample.Name+`"`, 1)
		if err := os.WriteFile(filepath.Join(dir, sample.Name+".html"), []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		frames += `<iframe width="390" height="800" src="` + sample.Name + `.html"></iframe>`
	}
	top := filepath.Join(dir, "frames.html")
	if err := os.WriteFile(top, []byte(frames), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--user-data-dir="+t.TempDir(),
		"--virtual-time-budget=9000", "--dump-dom", "file://"+top).Output()
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\[([a-z-]+) (\d+) (\d+)\]`).FindAllStringSubmatch(string(out), -1)
	if len(found) != len(reporttest.All()) {
		t.Fatalf("%d pages were laid out, want %d:\n%.2000s", len(found), len(reporttest.All()), out)
	}
	for _, match := range found {
		width, err := strconv.Atoi(match[2])
		height, heightErr := strconv.Atoi(match[3])
		if err != nil || heightErr != nil || width > 390 || height < 9 {
			t.Errorf("%s: %s pixels wide, text of %s pixels", match[1], match[2], match[3])
		}
	}
}
