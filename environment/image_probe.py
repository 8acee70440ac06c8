"""Looks at a container of the image from inside: nobody privileged, no network, JupyterLab behind a token, healthy, ended in order.

usage: image_probe.py COMMAND HEALTH

Both arguments are JSON lists: what the image starts, and its health check.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

TOKEN = "probe"


def main(command, health):
    check("the user is not root", os.getuid() != 0)
    check("nothing of the outside answers", not reaches("www.debian.org", 80) and not reaches("1.1.1.1", 53))
    check("before JupyterLab runs, the health check says so", subprocess.run(health, capture_output=True).returncode != 0)
    server = subprocess.Popen(command, env=os.environ | {"JUPYTER_TOKEN": TOKEN}, stderr=subprocess.PIPE, text=True)
    try:
        check("JupyterLab answers on port 8888", answers(server))
        check("the health check passes", subprocess.run(health).returncode == 0)
        check("without the token there is nothing to see", status("/api/contents") == 403)
        check("nor with another one", status("/api/contents?token=other") == 403)
        check("with the token there is", status(f"/api/contents?token={TOKEN}") == 200)
        check("the Go kernel is there", "gonb" in body(f"/api/kernelspecs?token={TOKEN}"))
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
    check("after SIGTERM the port is free", not reaches("127.0.0.1", 8888))


def check(what, holds):
    if not holds:
        raise SystemExit(f"   WRONG: {what}")
    print(f"   {what}", flush=True)


def reaches(host, port):
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


def answers(server):
    for _ in range(240):
        if server.poll() is not None:
            return False
        if reaches("127.0.0.1", 8888):
            return True
        time.sleep(0.5)
    return False


def status(path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:8888{path}", timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def body(path):
    with urllib.request.urlopen(f"http://127.0.0.1:8888{path}", timeout=30) as answer:
        return answer.read().decode()


if __name__ == "__main__":
    main(*map(json.loads, sys.argv[1:]))
