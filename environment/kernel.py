"""Completes the kernel.json that `gonb --install` wrote: the kernel uses this checkout's Go, gopls and goimports.

usage: kernel.py KERNEL.JSON
"""

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"

# Cells are built by the pinned Go, independent of the user's settings. They have no debugging information, so that they link faster.
ENVIRONMENT = {
    "PATH": f"{LOCAL}/go/bin:{LOCAL}/bin:${{PATH}}",
    "CGO_ENABLED": "1",
    # glibc reads them when a process starts. The commands restart themselves with them; cells cannot.
    "GLIBC_TUNABLES": ":".join((ROOT / "lib/internal/memory/tunables.txt").read_text().split()),
    "GOARCH": "",
    "GOFLAGS": "-buildvcs=false '-ldflags=-s -w'",
    "GOOS": "",
    "GOROOT": "",
    "GOTOOLCHAIN": "local",
    "GOWORK": "",
}


def main(path):
    spec = json.loads(Path(path).read_text())
    spec["env"] = ENVIRONMENT
    new = Path(path).with_suffix(".new")
    new.write_text(json.dumps(spec, indent=1) + "\n")
    os.replace(new, path)


main(sys.argv[1])
