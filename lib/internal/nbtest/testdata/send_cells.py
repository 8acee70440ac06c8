"""Sends cells to a kernel all at once, then one more, and prints the status of each reply."""

import sys

from jupyter_client.manager import start_new_kernel

CELLS = ["%noautoget", "%%\nfmt.Println(1)", '%%\npanic("no")', "%%\nfmt.Println(2)", "%%\nfmt.Println(3)"]

manager, client = start_new_kernel(kernel_name=sys.argv[1])
try:
    for message in [client.execute(cell) for cell in CELLS]:
        print(client._recv_reply(message, timeout=60)["content"]["status"])
    print(client.execute("%%\nfmt.Println(4)", reply=True, timeout=60)["content"]["status"])
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
