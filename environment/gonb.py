"""Makes GoNB keep what Jupyter asks of a kernel: cells that wait behind one that fails, or is interrupted, are not run.

usage: gonb.py SOURCE FOLDER

SOURCE is the unpacked module of GoNB. FOLDER gets a changed copy, and a go.mod for `go install -modfile` that is
environment/tools/go.mod with this copy in it. An edit whose place is not found, exactly once, ends with an error: then
GoNB is another one than this was written for.
"""

import shutil
import sys
from pathlib import Path

DISPATCHER = "internal/dispatcher/dispatcher.go"

# What stands in dispatcher.go, and what stands there instead. Requests are handled by one goroutine, which owns aborting.
EDITS = {
    """				err := handleBusyMessage(params.msg, params.goExec)
""": """				err := handleOrAbort(params.msg, params.goExec)
""",
    """// handleBusyMessage handles Shell messages that need to be serialized.
""": """// aborting is how many of the waiting requests came before the cell that they were sent with has failed.
var aborting int

// handleOrAbort handles a request; a cell that waited behind one that failed is answered as aborted, as in
// https://jupyter-client.readthedocs.io/en/stable/messaging.html (stop_on_error).
func handleOrAbort(msg kernel.Message, goExec *goexec.State) error {
	if aborting > 0 {
		aborting--
		if msg.ComposedMsg().Header.MsgType == "execute_request" {
			return abortExecuteRequest(msg)
		}
	}
	return handleBusyMessage(msg, goExec)
}

func abortExecuteRequest(msg kernel.Message) error {
	if err := kernel.PublishKernelStatus(msg, kernel.StatusBusy); err != nil {
		return err
	}
	if err := msg.Reply("execute_reply", map[string]any{"status": "aborted"}); err != nil {
		return err
	}
	return kernel.PublishKernelStatus(msg, kernel.StatusIdle)
}

// handleBusyMessage handles Shell messages that need to be serialized.
""",
    """		// Publish an execution_error message.
""": """		if stop, told := content["stop_on_error"].(bool); stop || !told {
			aborting = len(busyMessagesChan)
		}

		// Publish an execution_error message.
""",
}


def main(source, folder):
    source, folder = Path(source), Path(folder).resolve()
    code = (source / DISPATCHER).read_text()
    for old, new in EDITS.items():
        if code.count(old) != 1:
            raise SystemExit(f"{source / DISPATCHER}: this stands there {code.count(old)} times, not once:\n{old}")
        code = code.replace(old, new)
    shutil.rmtree(folder, ignore_errors=True)
    # Contents alone: the files of a module are read-only.
    shutil.copytree(source, folder / "gonb", copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("docs", "examples"))
    for path in [folder / "gonb", *(folder / "gonb").rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / "gonb" / DISPATCHER).write_text(code)
    tools = Path(__file__).resolve().parent / "tools"
    (folder / "go.mod").write_text((tools / "go.mod").read_text() + f"\nreplace github.com/janpfeifer/gonb => {folder / 'gonb'}\n")
    shutil.copyfile(tools / "go.sum", folder / "go.sum")


main(*sys.argv[1:])
