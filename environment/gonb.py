"""Copies GoNB and applies the patches of environment/gonb to the copy. The message of each patch gives its reason.

usage: gonb.py SOURCE FOLDER

SOURCE is the unpacked module of GoNB. FOLDER gets the patched copy and a go.mod for `go install -modfile`, which is
environment/tools/go.mod with a replacement by this copy. A patch that does not apply exactly is an error that names the patch and
the file: the patch is for another version of GoNB.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(source, folder):
    source, folder = Path(source), Path(folder).resolve()
    copy = folder / "gonb"
    shutil.rmtree(folder, ignore_errors=True)
    # copyfile does not copy permissions: the files of a module are read-only.
    shutil.copytree(source, copy, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("docs", "examples"))
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    patches = sorted((HERE / "gonb").glob("*.patch"))
    if not patches:
        raise SystemExit(f"{HERE / 'gonb'}: no patches")
    for patch in patches:
        apply(patch, copy, source)
    (folder / "go.mod").write_text((HERE / "tools" / "go.mod").read_text() + f"\nreplace github.com/janpfeifer/gonb => {copy}\n")
    shutil.copyfile(HERE / "tools" / "go.sum", folder / "go.sum")


def apply(patch, copy, source):
    # Within a repository, git apply silently skips files outside of it. The ceiling keeps git from finding one above the copy.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["GIT_CEILING_DIRECTORIES"] = str(copy.parent)
    result = subprocess.run(["git", "apply", patch], cwd=copy, env=environment, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"{patch}: does not apply to {source}:\n{result.stderr}")


main(*sys.argv[1:])
