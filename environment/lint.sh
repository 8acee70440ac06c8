#!/usr/bin/env bash
# Runs gofmt, go vet and staticcheck, and govulncheck if its database is reachable. The Makefile sets the Go that they use.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unformatted=$(gofmt -l lib)
[[ -z $unformatted ]] || { printf 'gofmt these files: %s\n' "$unformatted" >&2; exit 1; }
# The other modules are checked if `make engines` has installed their dependencies.
modules=(.)
[[ ! -f .local/stamps/engines ]] || modules+=(lib/engine/duckdb/driver lib/engine/milvus/driver lib/engine/weaviate/driver lib/scale/cloud lib/scale/spark lib/cmd/allengines)
for module in "${modules[@]}"; do
	(cd "$module" && go vet ./... && staticcheck ./...)
done

if git rev-parse --is-inside-work-tree &>/dev/null; then
	large=$(git ls-files -z | grep -zv -e '^notebooks/' -e '^figures/' | xargs -0r stat -c '%s %n' -- | awk '$1 > 2*1024*1024')
	[[ -z $large ]] || { printf 'tracked files above 2 MB outside notebooks/ and figures/:\n%s\n' "$large" >&2; exit 1; }
fi
echo 'gofmt, go vet, staticcheck, file sizes: no problems'

report=$(govulncheck ./... 2>&1) && status=0 || status=$?
if ((status == 0)); then
	echo 'govulncheck: no known vulnerability is called'
elif grep -q 'fetching vulnerabilities' <<<"$report"; then
	echo 'govulncheck was not run: its database, vuln.go.dev, is not reachable'
else
	printf '%s\n' "$report" >&2
	exit 1
fi
