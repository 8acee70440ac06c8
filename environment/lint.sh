#!/usr/bin/env bash
# What the Go community expects of a repository: gofmt, go vet, staticcheck, and govulncheck where its database can be had.
# The Makefile sets the Go that these run with.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unformatted=$(gofmt -l lib)
[[ -z $unformatted ]] || { printf 'gofmt these files: %s\n' "$unformatted" >&2; exit 1; }
# Modules of their own are looked at where `make engines` brought what they need.
modules=(.)
[[ ! -f .local/stamps/engines ]] || modules+=(lib/engine/duckdb/driver lib/engine/milvus/driver lib/cmd/allengines)
for module in "${modules[@]}"; do
	(cd "$module" && go vet ./... && staticcheck ./...)
done

if git rev-parse --is-inside-work-tree &>/dev/null; then
	large=$(git ls-files -z | grep -zv -e '^notebooks/' -e '^figures/' | xargs -0r stat -c '%s %n' -- | awk '$1 > 2*1024*1024')
	[[ -z $large ]] || { printf 'tracked files above 2 MB outside notebooks/ and figures/:\n%s\n' "$large" >&2; exit 1; }
fi
echo 'gofmt, go vet, staticcheck, sizes of files: nothing to say'

told=$(govulncheck ./... 2>&1) && status=0 || status=$?
if ((status == 0)); then
	echo 'govulncheck: no known vulnerability is called'
elif grep -q 'fetching vulnerabilities' <<<"$told"; then
	echo 'govulncheck was not run: its database, vuln.go.dev, is not to be had from here'
else
	printf '%s\n' "$told" >&2
	exit 1
fi
