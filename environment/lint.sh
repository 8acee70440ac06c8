#!/usr/bin/env bash
# What the Go community expects of a repository: gofmt, go vet, staticcheck, and govulncheck where its database can be had.
# The Makefile sets the Go that these run with.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unformatted=$(gofmt -l lib environment)
[[ -z $unformatted ]] || { printf 'gofmt these files: %s\n' "$unformatted" >&2; exit 1; }
go vet ./...
staticcheck -tags notebooks ./...
echo 'gofmt, go vet, staticcheck: nothing to say'

told=$(govulncheck ./... 2>&1) && status=0 || status=$?
if ((status == 0)); then
	echo 'govulncheck: no known vulnerability is called'
elif grep -q 'fetching vulnerabilities' <<<"$told"; then
	echo 'govulncheck was not run: its database, vuln.go.dev, is not to be had from here'
else
	printf '%s\n' "$told" >&2
	exit 1
fi
