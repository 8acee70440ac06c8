package plate

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// A browser accepts the subset as a font. If it rejects a font, it uses another one without an error.
func TestBrowserTakesTheSubset(t *testing.T) {
	if _, err := exec.LookPath("chromium"); errors.Is(err, exec.ErrNotFound) {
		t.Skip("chromium is missing: apt-get install chromium")
	}
	var svg bytes.Buffer
	if err := twoPanels().Drawing().WriteSVG(&svg); err != nil {
		t.Fatal(err)
	}
	embedded := regexp.MustCompile(`data:font/ttf;charset=utf-8;base64,([A-Za-z0-9+/=]+)`).FindSubmatch(svg.Bytes())
	if embedded == nil {
		t.Fatal("the SVG has no font")
	}
	page := filepath.Join(t.TempDir(), "page.html")
	script := fmt.Sprintf(`<body><script>new FontFace("f", "url(%s)").load().then(() => document.body.append("taken"), e => document.body.append("refused: " + e))</script>`, embedded[0])
	if err := os.WriteFile(page, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--virtual-time-budget=5000", "--dump-dom", "file://"+page).Output()
	if err != nil || !bytes.Contains(out, []byte("</script>taken")) {
		t.Errorf("%v\n%.300s", err, out[max(0, len(out)-300):])
	}
}
