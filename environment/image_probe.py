"""Checks a container of the image from inside: user, network, JupyterLab and its token, health check, termination.

usage: image_probe.py COMMAND HEALTH

Both arguments are JSON lists: the command of the image, and its health check.
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
    check("hosts outside are not reachable", not reaches("www.debian.org", 80) and not reaches("1.1.1.1", 53))
    check("the health check fails before JupyterLab runs", subprocess.run(health, capture_output=True).returncode != 0)
    server = subprocess.Popen(command, env=os.environ | {"JUPYTER_TOKEN": TOKEN}, stderr=subprocess.PIPE, text=True)
    try:
        check("JupyterLab answers on port 8888", answers(server))
        check("the health check passes", subprocess.run(health).returncode == 0)
        check("requests without a token are refused", status("/api/contents") == 403)
        check("requests with a wrong token are refused", status("/api/contents?token=other") == 403)
        check("requests with the token succeed", status(f"/api/contents?token={TOKEN}") == 200)
        check("the Go kernel is listed", "gonb" in body(f"/api/kernelspecs?token={TOKEN}"))
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
    check("the port is free after SIGTERM", not reaches("127.0.0.1", 8888))


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
