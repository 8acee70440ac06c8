// Package page writes a report as one HTML file that is complete in itself: it needs no network and no script, and opens from a disk.
package page

import (
	"bytes"
	_ "embed" // page.html and page.css
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/report"
)

//go:embed page.html
var source string

//go:embed page.css
var style string

// Mark is at the beginning of every file that Write writes.
const Mark = `<!DOCTYPE html><meta name="generator" content="anncapacity report">`

// Write writes the report to a file at path. It replaces a file that Write wrote and no other.
func Write(path string, r *report.Report) error {
	if err := Check(path); err != nil {
		return err
	}
	html, err := render(r)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return atomicfile.Write(path, func(w io.Writer) error { _, err := w.Write(html); return err })
}

// Check returns an error if there is a file at path that Write does not replace, or if no file can be created in its folder. An empty
// file can be replaced.
func Check(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return atomicfile.Probe(path)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: exists and is not a regular file: choose another file for the report", path)
	case info.Size() == 0:
		return atomicfile.Probe(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, len(Mark))
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w", path, err)
	}
	if string(head) != Mark {
		return fmt.Errorf("%s: exists and is not a report that this program wrote, so it is not replaced: choose another file or move it", path)
	}
	return atomicfile.Probe(path)
}

// render returns the page of a report.
func render(r *report.Report) ([]byte, error) {
	if r.Version != report.Version {
		return nil, fmt.Errorf("page: the report has version %d, want %d", r.Version, report.Version)
	}
	d, err := newView(r)
	if err != nil {
		return nil, err
	}
	t, err := template.New("page").Funcs(functions).Parse(source)
	if err != nil {
		return nil, err
	}
	b := bytes.NewBufferString(Mark)
	err = t.Execute(b, d)
	return b.Bytes(), err
}

var functions = template.FuncMap{
	"clock":   clock,
	"tidy":    strings.NewReplacer(" = ", "\u00a0=\u00a0", " %", "\u00a0%").Replace, // numbers stay on the line of their names
	"percent": report.Percent, "thousands": report.Thousands, "ms": report.Milliseconds, "interval": report.Interval,
}

// clock returns a time of RFC 3339 as a reader writes it, and another text as it is.
func clock(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return at.UTC().Format("2 January 2006, 15:04 UTC")
}
