package shard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gocloud.dev/blob"

	"anncapacity/lib/embedding"
)

// place is a parsed location.
type place struct {
	text   string
	bucket string // URL for gocloud.dev/blob, "" for the file system
	folder string // of the file system, or the prefix in the bucket: "" or with a slash at its end
	name   selection
	column string
}

// selection is the name of a file, a pattern of path.Match, or "" for all files of a known format.
type selection string

func (s selection) isPattern() bool { return strings.ContainsAny(string(s), "*?[") }

// literal returns the beginning that all names share.
func (s selection) literal() string {
	if i := strings.IndexAny(string(s), "*?["); i >= 0 {
		return string(s)[:i]
	}
	return string(s)
}

func (s selection) matches(name string) bool {
	switch {
	case s == "":
		return isShard(name)
	case s.isPattern():
		ok, _ := path.Match(string(s), name)
		return ok && isShard(name)
	}
	return name == string(s)
}

// isShard reports whether the name is that of a visible file of a known format.
func isShard(name string) bool {
	return slices.Contains(embedding.MatrixExtensions, strings.ToLower(path.Ext(name))) && !strings.ContainsAny(name[:1], "._")
}

// parse parses the location of shards.
func parse(location string) (place, error) {
	u, ok, err := asURL(location)
	switch {
	case err != nil:
		return place{}, err
	case !ok:
		return parsePath(location, location)
	case u.Scheme == "file":
		return parsePath(location, filepath.FromSlash(u.Path))
	}
	at := place{text: location}
	if at.bucket, at.column, err = bucketOf(u); err != nil {
		return at, fmt.Errorf("%s: %w", location, err)
	}
	key := strings.Trim(u.Path, "/")
	if name := selection(path.Base(key)); key != "" && (name.isPattern() || isShard(string(name))) {
		at.name, key = name, strings.TrimSuffix(key, string(name))
	}
	at.folder = asPrefix(key)
	return at, at.check()
}

// parseFolder parses the location of a work folder.
func parseFolder(location string) (place, error) {
	u, ok, err := asURL(location)
	switch {
	case location == "":
		return place{}, errors.New("the location of the work folder is empty")
	case err != nil:
		return place{}, err
	case !ok:
		return place{text: location, folder: location}, nil
	case u.Scheme == "file":
		return place{text: location, folder: filepath.FromSlash(u.Path)}, nil
	}
	at := place{text: location, folder: asPrefix(u.Path)}
	if at.bucket, _, err = bucketOf(u); err != nil {
		return at, fmt.Errorf("%s: %w", location, err)
	}
	return at, nil
}

// asURL parses a location that contains ://.
func asURL(location string) (u *url.URL, ok bool, err error) {
	if !strings.Contains(location, "://") {
		return nil, false, nil
	}
	if u, err = url.Parse(location); err != nil {
		return nil, false, err
	}
	if u.Scheme == "file" && u.Host != "" && u.Host != "localhost" {
		return nil, false, fmt.Errorf("%s: the URL of a folder of this machine has three slashes: file:///folder", location)
	}
	return u, true, nil
}

// asPrefix returns a path as the prefix of keys.
func asPrefix(key string) string {
	if key = strings.Trim(key, "/"); key != "" {
		key += "/"
	}
	return key
}

// bucketOf returns the URL of the bucket without the path, and the column of the query.
func bucketOf(u *url.URL) (bucket, column string, err error) {
	if !blob.DefaultURLMux().ValidBucketScheme(u.Scheme) {
		return "", "", fmt.Errorf("this program has no driver for %s://: `make cloud` builds bin/anncapacity with those for s3:// and gs://, "+
			"which the image has (a program of your own imports anncapacity/lib/scale/cloud)", u.Scheme)
	}
	query := u.Query()
	column = query.Get("column")
	query.Del("column")
	b := *u
	b.Path, b.RawPath, b.RawQuery = "", "", query.Encode()
	return b.String(), column, nil
}

// parsePath parses a path of the file system. The longest beginning that exists is the folder or the file, the rest after a colon
// the column of Parquet files.
func parsePath(text, location string) (place, error) {
	at := place{text: text}
	for end := len(location); end > 0; end = strings.LastIndexByte(location[:end], ':') {
		name := location[:end]
		info, err := os.Stat(name)
		base := selection(filepath.Base(name))
		if found := err == nil; !found && (!base.isPattern() || end < len(location) && !isShard(string(base))) {
			continue
		}
		at.column = strings.TrimPrefix(location[end:], ":")
		if err == nil && info.IsDir() {
			at.folder = name
		} else {
			at.folder, at.name = filepath.Dir(name), base
		}
		return at, at.check()
	}
	return at, fmt.Errorf("%s: %w", text, fs.ErrNotExist)
}

func (at place) check() error {
	if _, err := path.Match(string(at.name), ""); err != nil {
		return fmt.Errorf("%s: %w", at.text, err)
	}
	if name := string(at.name); name != "" && !at.name.isPattern() && !isShard(name) {
		return fmt.Errorf("%s: shards end in %s", at.text, strings.Join(embedding.MatrixExtensions, ", "))
	}
	return nil
}

// open connects to the place.
func (at place) open(ctx context.Context, o Options) (store, error) {
	if at.bucket == "" {
		return local(at.folder), nil
	}
	b, err := blob.OpenBucket(ctx, at.bucket)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at.text, err)
	}
	root, _, _ := strings.Cut(at.bucket, "?")
	return &bucket{Bucket: b, root: root + "/" + at.folder, prefix: at.folder, options: o}, nil
}
