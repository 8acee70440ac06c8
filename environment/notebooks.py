"""Runs notebooks with this checkout's Go kernel: headless, or in JupyterLab.

usage: notebooks.py fetch
       notebooks.py execute [--out DIR] [--in-place] [--html] NOTEBOOK...
       notebooks.py lab [ARGUMENT...]

The kernel gets DATASET, WEIGHTS and PROFILE from the environment; relative paths are relative to the top of the checkout. `fetch`
downloads the data set and the weights if they are missing, and checks them otherwise. `execute` writes each executed notebook (and
HTML) to DIR, by default out/notebooks/<name of the data set>, and with --in-place also over the notebook itself. A notebook that fails
is written to DIR alone.
"""

import argparse
import asyncio
import ctypes
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JUPYTER = ROOT / ".local" / "jupyter"
KERNEL = "gonb"

# The values of each variable other than paths; the first is the default. Those after it that are no profile are downloads.
WORDS = {
    "DATASET": ["generated", "imagenette", "stl10"],
    "WEIGHTS": ["untrained", "imagenet1k_v1", "imagenet1k_v2"],
    "PROFILE": ["quick", "paper"],
}


def main(arguments):
    # Jupyter reads these when it is imported. The user's own kernels and settings are neither used nor changed.
    os.environ.update(
        JUPYTER_DATA_DIR=str(JUPYTER),
        JUPYTER_CONFIG_DIR=str(JUPYTER / "config"),
        JUPYTER_RUNTIME_DIR=str(JUPYTER / "runtime"),
        JUPYTER_NO_CONFIG="1",
        IPYTHONDIR=str(JUPYTER / "ipython"),
    )
    os.environ.pop("JUPYTER_PATH", None)
    if arguments == ["fetch"]:
        resolve_job()
        return fetch()
    if arguments[:1] == ["lab"]:
        resolve_job()
        return lab(arguments[1:])
    parser = argparse.ArgumentParser(prog="notebooks.py execute")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--in-place", action="store_true")
    parser.add_argument("--html", action="store_true")
    parser.add_argument("notebooks", type=Path, nargs="+", metavar="NOTEBOOK")
    if arguments[:1] != ["execute"]:
        raise SystemExit(__doc__)
    options = parser.parse_args(arguments[1:])
    resolve_job()
    out = options.out or ROOT / "out" / "notebooks" / Path(os.environ["DATASET"]).name
    for path in options.notebooks:
        status = Run(path, out, options.in_place, options.html).execute()
        if status:
            return status
    return 0


def resolve_job():
    """Sets defaults and absolute paths in the environment. An invalid value ends the program with a message."""
    for name, words in WORDS.items():
        value = os.environ.get(name) or words[0]
        if value not in words:
            if name == "PROFILE":
                raise SystemExit(f"PROFILE={value}: must be one of {', '.join(words)}")
            path = (ROOT / Path(value).expanduser()).resolve()
            if not (path.is_dir() if name == "DATASET" else path.is_file()):
                kind = "folder" if name == "DATASET" else "file"
                raise SystemExit(f"{name}={value}: neither one of {', '.join(words)} nor a {kind} ({path})")
            value = str(path)
        os.environ[name] = value


def fetch():
    """Returns the exit status of the first download that fails, or 0."""
    # Ctrl-C also reaches the command, which ends and reports what it keeps.
    signal.signal(signal.SIGINT, lambda number, frame: None)
    for name in "DATASET", "WEIGHTS":
        if os.environ[name] in WORDS[name][1:]:
            # The command prints the path of the download, which is not needed here.
            command = [ROOT / "bin" / "anncapacity", "download", os.environ[name]]
            status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
            if status:
                return status
    return 0


def lab(arguments):
    options = {
        # The figures are outside of notebooks/.
        "ServerApp.root_dir": ROOT,
        "ServerApp.preferred_dir": ROOT / "notebooks",
        # This checkout's defaults. Settings that the user changes in JupyterLab are stored beside the kernel.
        "LabApp.app_settings_dir": ROOT / "environment" / "jupyterlab",
        "LabApp.user_settings_dir": JUPYTER / "lab" / "user-settings",
        "LabApp.workspaces_dir": JUPYTER / "lab" / "workspaces",
        "KernelSpecManager.allowed_kernelspecs": KERNEL,
        "KernelSpecManager.ensure_native_kernel": False,
        "MultiKernelManager.default_kernel_name": KERNEL,
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", *words, *arguments])


class Run:
    """One notebook, executed from top to bottom in its folder by its own kernel."""

    def __init__(self, path, out, in_place, html):
        self.path, self.out, self.in_place, self.html = path, out, in_place, html
        self.number, self.started, self.stopped = 0, 0.0, False

    def execute(self):
        """Executes the notebook, reports on stderr and writes the results. Returns the exit status."""
        import nbformat
        from nbclient.exceptions import CellExecutionError, DeadKernelError

        try:
            self.notebook = nbformat.read(self.path, as_version=4)
            nbformat.validate(self.notebook)
        except Exception as error:
            return self.fail(f"is not a valid notebook: {error}")
        self.total = sum(is_code(cell) for cell in self.notebook.cells)
        say(f"{self.path.name}: {self.total} code cells, DATASET={Path(os.environ['DATASET']).name}"
            f" WEIGHTS={Path(os.environ['WEIGHTS']).name} PROFILE={os.environ['PROFILE']}")
        begin, status = time.monotonic(), 0
        with tempfile.TemporaryFile() as log:
            try:
                self.client().execute(stderr=log, preexec_fn=end_with_parent)
            except (CellExecutionError, DeadKernelError, RuntimeError) as error:
                status = self.failed(error, log)
        written = self.write(status == 0)
        if status == 0:
            say(f"{self.path.name}: done in {time.monotonic() - begin:.1f} s, written to {written}")
        return status

    def client(self):
        from nbclient import NotebookClient

        run = self

        class Client(NotebookClient):
            def output(self, outs, msg, display_id, cell_index):
                if msg["msg_type"] == "stream" and sys.stderr.isatty():
                    sys.stderr.write(msg["content"]["text"])
                    sys.stderr.flush()
                return super().output(outs, msg, display_id, cell_index)

            async def async_execute_cell(self, cell, cell_index, **arguments):
                if not is_code(cell):
                    return cell
                if run.stopped:
                    raise RuntimeError("stopped")
                run.begin_cell(cell)
                result = await super().async_execute_cell(cell, cell_index, **arguments)
                check_shell(cell)
                say(f"  [{run.number}/{run.total}] {time.monotonic() - run.started:.1f} s")
                return result

        self.nbclient = Client(
            self.notebook,
            kernel_name=KERNEL,
            timeout=None,
            record_timing=False,
            coalesce_streams=True,
            extra_arguments=["-raw_error=true"],
            resources={"metadata": {"path": str(self.path.resolve().parent)}},
            on_notebook_start=self.watch_signals,
        )
        return self.nbclient

    def begin_cell(self, cell):
        self.number += 1
        self.started = time.monotonic()
        say(f"  [{self.number}/{self.total}] {title(cell)}")

    def watch_signals(self, notebook):
        """Makes Ctrl-C interrupt the running cell, so that it can store its results. A second Ctrl-C ends the kernel."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: loop.create_task(self.stop()))

    async def stop(self):
        manager = self.nbclient.km
        if self.stopped:
            await manager.shutdown_kernel(now=True)
            return
        self.stopped = True
        say("\nstopping: the running cell is interrupted (Ctrl-C again ends it at once)")
        # Repeated, because a cell that is being compiled ignores the interrupt.
        while await manager.is_alive():
            await manager.interrupt_kernel()
            await asyncio.sleep(1)

    def failed(self, error, log):
        if self.stopped:
            say(f"{self.path.name}: stopped in code cell [{self.number}] of {self.total}")
            return 130
        text = str(error)
        if not hasattr(error, "evalue"):
            log.seek(0)
            text += "\n" + log.read().decode(errors="replace")[-4000:]
        return self.fail(f"code cell [{self.number}] of {self.total} failed\n{text}")

    def fail(self, message):
        say(f"{self.path}: {message}")
        return 1

    def write(self, succeeded):
        """Writes the notebook with the outputs so far. Returns the folder."""
        import nbformat

        self.notebook.metadata.kernelspec = {"display_name": "Go (gonb)", "language": "go", "name": KERNEL}
        text = nbformat.writes(self.notebook).rstrip("\n") + "\n"
        replace(self.out / self.path.name, text)
        if self.html:
            from highlight import highlight_code
            from nbconvert import HTMLExporter

            page, _ = HTMLExporter(filters={"highlight_code": highlight_code}).from_notebook_node(
                self.notebook, resources={"metadata": {"name": self.path.stem, "path": str(self.path.parent)}}
            )
            replace((self.out / self.path.name).with_suffix(".html"), page)
        if self.in_place and succeeded:
            replace(self.path, text)
        return self.out


def is_code(cell):
    return cell.cell_type == "code" and cell.source.strip() != ""


def check_shell(cell):
    """Raises the cell's error if a shell command (!command) failed. GoNB itself ignores it."""
    from nbclient.exceptions import CellExecutionError

    if not any(line.lstrip().startswith("!") for line in cell.source.splitlines()):
        return
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")
    if re.search(r"^(exit status \d+|signal: .*)$", printed, re.MULTILINE):
        raise CellExecutionError(f"{cell.source}\n{printed}", "ERROR", "a shell command failed")


def title(cell):
    """Returns the first line of the cell that is no command to the kernel."""
    lines = [line.strip() for line in cell.source.splitlines()]
    code = [line for line in lines if line and not line.startswith("%")]
    return (code or lines)[0][:90]


def replace(path, text):
    """Replaces a file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    os.replace(new, path)


def end_with_parent():
    """Makes the kernel get SIGTERM when this process ends for any reason (Linux; PR_SET_PDEATHSIG is 1)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
