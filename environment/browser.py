"""Runs the notebooks in JupyterLab as a person does: `make lab`, Chromium, "Restart Kernel and Run All Cells".

usage: browser.py [NOTEBOOK...]

Runs copies without outputs in out/browser/notebooks; writes screenshots and JupyterLab's log to out/browser. The exit status is 1
if a cell fails or does not display what it should. Without arguments it also interrupts the embedding and the study, and checks that
they resume.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Error, TimeoutError, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "out" / "browser"
WIDTH, HEIGHT = 1400, 1000  # of the window, in pixels
MOST = 16000  # largest height of a screenshot, in pixels
MINUTE = 60_000

# SHOWN maps a call in a cell to the element that must be on the page.
SHOWN = {
    "notebook.ShowFigure": ".jp-OutputArea-output img",
    "notebook.ShowPicture": ".jp-OutputArea-output img",
    "notebook.ShowTable": ".jp-OutputArea-output table",
    "notebook.ShowRows": ".jp-OutputArea-output table",
    "notebook.ShowText": ".jp-OutputArea-output.jp-RenderedMarkdown",
    "notebook.ShowList": ".jp-OutputArea-output.jp-RenderedMarkdown li",
}


class Failed(Exception):
    """An error that a user of JupyterLab would see."""


def main(paths):
    shutil.rmtree(OUT, ignore_errors=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that JupyterLab and its kernels end too
    chosen = [Path(p) for p in paths] or sorted((ROOT / "notebooks").glob("[0-9]_*.ipynb"))
    failures = 0
    with browser() as page:
        with Lab(OUT / "jupyterlab.log") as lab:
            for path in chosen:
                failures += failed(path.name, lambda: Notebook(page, lab, copy(path, OUT / "notebooks")).run())
        if not paths:
            fresh = Fresh()
            with Lab(OUT / "interrupt.log", ANNCAPACITY_HOME=str(fresh.root / "home")) as lab:
                failures += failed("interrupted embedding", lambda: fresh.embedding(page, lab))
                failures += failed("interrupted study", lambda: fresh.study(page, lab))
    say(f"screenshots in {OUT.relative_to(ROOT)}")
    return 1 if failures else 0


def failed(what, test):
    """Runs a test, prints its error or its duration, and returns whether it failed."""
    begin = time.monotonic()
    try:
        test()
    except (Failed, Error, AssertionError) as error:
        say(f"{what}: {str(error).partition('Call log:')[0]}")
        return True
    say(f"{what}: {time.monotonic() - begin:.1f} s")
    return False


class Lab:
    """JupyterLab, started by `make lab` on a free port. It is ended together with its kernels."""

    def __init__(self, log, **variables):
        self.log, self.variables, self.token = log, variables, secrets.token_hex(16)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{s.getsockname()[1]}"

    def __enter__(self):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        arguments = ["--no-browser", f"--port={self.url.rpartition(':')[2]}", "--ServerApp.port_retries=0"]
        arguments += [f"--IdentityProvider.token={self.token}"] + ["--allow-root"] * (os.geteuid() == 0)
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["make", "--no-print-directory", "lab", f"ARGS={' '.join(arguments)}"],
                cwd=ROOT, env=os.environ | self.variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )
        try:
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"{self.url}/api/status?token={self.token}", timeout=5).close()
                return
            time.sleep(0.2)
        raise SystemExit(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)


@contextlib.contextmanager
def browser():
    """Yields a page of Chromium with an empty profile."""
    with sync_playwright() as playwright:
        # Chromium has no sandbox as root.
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=os.geteuid() != 0
        )
        try:
            page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.set_default_timeout(MINUTE)
            yield page
        finally:
            chromium.close()


def copy(path, folder):
    """Copies a notebook without its outputs, so that outputs on the page are those of this run."""
    notebook = json.loads(path.read_text())
    for cell in code_cells(notebook):
        cell.update(outputs=[], execution_count=None)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    target.write_text(json.dumps(notebook, indent=1) + "\n")
    return target


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]


def shows(source):
    """Returns the Show calls that a cell always makes: those outside of blocks, in cells without an early return."""
    return [] if "\treturn" in source else re.findall(r"^must\.M\((notebook\.Show\w+)", source, re.MULTILINE)


class Notebook:
    """A notebook that is open in JupyterLab."""

    def __init__(self, page, lab, path):
        self.page, self.path = page, path
        self.sources = ["".join(cell["source"]) for cell in code_cells(json.loads(path.read_text()))]
        page.goto(f"{lab.url}/lab/workspaces/browser-test/tree/{path.relative_to(ROOT)}?reset&token={lab.token}")
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.cells = self.panel.locator(".jp-CodeCell")
        expect(self.cells).to_have_count(len(self.sources), timeout=MINUTE)
        with contextlib.suppress(AssertionError):  # the status can stay unknown until a cell is run
            expect(page.locator("#jp-main-statusbar")).to_contain_text("Go (gonb) | Idle", timeout=MINUTE / 4)

    def run(self):
        """Restarts the kernel, runs all cells, checks them and takes the screenshot."""
        self.start()
        try:
            self.wait(10 * MINUTE)
            self.check()
        finally:
            self.screenshot(self.path.stem)

    def start(self):
        confirm = self.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart")
        deadline = time.monotonic() + 120
        while not confirm.is_visible() and time.monotonic() < deadline:
            # While the kernel is being connected, the menu entry is disabled or has no effect.
            with contextlib.suppress(TimeoutError):
                self.page.keyboard.press("Escape")
                self.choose("Kernel", "Restart Kernel and Run All Cells…")
                confirm.wait_for(timeout=3000)
        confirm.click()
        # All cells wait for execution; earlier outputs are gone.
        expect(self.cells.last.locator(".jp-InputPrompt")).to_have_text("[*]:", timeout=MINUTE)

    def interrupt(self, cell, sign):
        """Interrupts a cell when its output contains sign. The cell must report the interrupt, and later cells must not run."""
        number = next(i for i, source in enumerate(self.sources) if cell in source)
        output = self.cells.nth(number).locator(".jp-OutputArea")
        expect(output).to_contain_text(sign, timeout=5 * MINUTE)
        self.choose("Kernel", "Interrupt Kernel")
        expect(output).to_contain_text("interrupted: finished results are kept", timeout=MINUTE / 6)
        self.idle()
        want = [f"[{i + 1}]:" if i <= number else "[ ]:" for i in range(len(self.sources))]
        if self.prompts() != want:
            raise Failed(f"after the interrupt the cells are numbered {self.prompts()}")
        self.screenshot(f"interrupted_{self.path.stem}")

    def choose(self, menu, entry):
        self.page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{menu}$")).click()
        self.page.locator(".lm-Menu-item:not(.lm-mod-disabled)", has_text=entry).click(timeout=3000)

    def idle(self):
        expect(self.panel.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(timeout=MINUTE)

    def prompts(self):
        return [text.strip() for text in self.panel.locator(".jp-CodeCell .jp-InputPrompt").all_text_contents()]

    def wait(self, milliseconds):
        """Waits until all cells are numbered in order."""
        deadline = time.monotonic() + milliseconds / 1000
        want = [f"[{i + 1}]:" for i in range(len(self.sources))]
        while self.prompts() != want:
            self.check_errors()
            if time.monotonic() > deadline:
                raise Failed(f"after {milliseconds / 1000:.0f} s the cells are numbered {self.prompts()}")
            self.page.wait_for_timeout(200)
        self.idle()
        self.check_errors()
        self.check_saved()

    def check_errors(self):
        """Raises Failed if a cell shows an error or writes to stderr."""
        red = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
        for cell in self.cells.filter(has=self.page.locator(red)).all():
            raise Failed(f"a cell failed, or writes to stderr:\n{cell.inner_text()}")

    def check_saved(self):
        """Saves the notebook and checks the execution counts and outputs in the file."""
        self.page.keyboard.press("Control+s")
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(json.JSONDecodeError):  # the file is being written
                cells = code_cells(json.loads(self.path.read_text()))
                if [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1)):
                    break
            if time.monotonic() > deadline:
                raise Failed("the notebook was not saved with every cell executed")
            self.page.wait_for_timeout(200)
        for cell in cells:
            if any(output["output_type"] == "error" for output in cell["outputs"]):
                raise Failed(f"a cell is saved with an error:\n{''.join(cell['source'])}")

    def check(self):
        for i, source in enumerate(self.sources):
            cell = self.cells.nth(i)
            for call in shows(source):
                if cell.locator(SHOWN[call]).count() == 0:
                    raise Failed(f"code cell [{i + 1}] calls {call}, but the page has no {SHOWN[call]}")
            if source.startswith("%%") and cell.locator(".jp-OutputArea-output").count() == 0:
                raise Failed(f"code cell [{i + 1}] shows nothing")
            self.check_pictures(i, cell)
        for text in self.page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts():
            raise Failed(f"JupyterLab shows a dialog or a message: {text}")

    def check_pictures(self, i, cell):
        """Checks that all pictures are loaded and fit into the cell."""
        room = cell.locator(".jp-OutputArea-output").first
        for picture in cell.locator(".jp-OutputArea-output img").all():
            if picture.evaluate("e => e.naturalWidth") == 0:
                raise Failed(f"code cell [{i + 1}]: a picture is broken")
            if picture.bounding_box()["width"] > room.bounding_box()["width"] + 1:
                raise Failed(f"code cell [{i + 1}]: a picture is wider than the page")

    def screenshot(self, name):
        """Takes one screenshot of the whole notebook, in a window of its height."""
        notebook = self.panel.locator(".jp-WindowedPanel-outer")
        high = notebook.evaluate("e => Math.ceil(e.scrollTop + e.querySelector('.jp-Cell:last-child').getBoundingClientRect().bottom)")
        self.page.set_viewport_size({"width": WIDTH, "height": min(high + 200, MOST)})
        self.page.wait_for_timeout(1000)
        notebook.evaluate("e => e.scrollTo(0, 0)")
        self.page.screenshot(path=OUT / f"{name}.png")
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


class Fresh:
    """A job without results. Its folder holds a go.mod, so that the notebooks in it use it as the root."""

    def __init__(self):
        self.root = OUT / "fresh"
        self.root.mkdir(parents=True)
        (self.root / "go.mod").write_text("module fresh\n")
        self.job = self.root / "out" / "generated-untrained-quick"

    def embedding(self, page, lab):
        """Interrupts the embedding twice. The second run must resume from the cache."""
        notebook = Notebook(page, lab, copy(ROOT / "notebooks" / "1_embeddings.ipynb", self.root / "notebooks"))
        notebook.start()
        notebook.interrupt("resnet50.Embed(", re.compile(r"embedding .*\([1-9]\d*/"))
        notebook.start()
        notebook.interrupt("resnet50.Embed(", re.compile(r"[1-9]\d* of \d+ images are in the cache already.*embedding ", re.DOTALL))

    def study(self, page, lab):
        """Interrupts the study after it has stored a run. The next execution must read that run and compute the others."""
        shutil.copytree(ROOT / "out" / self.job.name, self.job, ignore=shutil.ignore_patterns("parts", "*.csv"))
        notebook = Notebook(page, lab, copy(ROOT / "notebooks" / "2_fixed_effort.ipynb", self.root / "notebooks"))
        notebook.start()
        notebook.interrupt("study.Run(", re.compile("run 2 of"))
        stored = {part: part.stat().st_mtime_ns for part in self.job.glob("parts/*/*.csv")}
        if not stored:
            raise Failed("the interrupted study has stored nothing")
        notebook.run()
        for part, written in stored.items():
            if part.stat().st_mtime_ns != written:
                raise Failed(f"{part.name} was computed again")


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
