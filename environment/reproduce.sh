#!/usr/bin/env bash
# Runs the default job in two fresh clones of the committed files, each with an empty cache: on all cores, and with GOMAXPROCS=1 on
# one core (XLA counts cores, not GOMAXPROCS). Every CSV and every embedding must have the same bytes.
#
#   environment/reproduce.sh [FOLDER]    with FOLDER, keeps both clones there
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. environment/fresh.sh

work=${1:-$(mktemp -d "${TMPDIR:-/var/tmp}/reproduce.XXXXXX")}
[[ -n ${1:-} ]] || trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$work"
work=$(realpath "$work")

say_uncommitted
for run in first second; do
	[[ ! -e $work/$run ]] || { echo "reproduce: $work/$run exists already: name another folder, or remove it" >&2; exit 1; }
	fresh_clone "$work/$run"
done
echo "== first: $(nproc) cores"
default_job "$work/first"
echo '== second: GOMAXPROCS=1, one core'
default_job "$work/second" env GOMAXPROCS=1 taskset --cpu-list "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')"
.local/python/bin/python environment/compare.py "$work/first" "$work/second"
