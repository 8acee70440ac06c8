"""Counts what a peer of the storage study reads, and how long and how well it answers.

The bytes of a query are the growth of read_bytes in /proc/self/io, which the kernel counts for all threads when it asks the disk for pages,
whether a program reads by system calls, through mapped memory or with O_DIRECT. Before each cold query the pages of the peer's files are
dropped: mapped ones by madvise, then all of them by posix_fadvise. Neither is part of the measured time. File system metadata (inodes, extents)
stays cached.

A script builds its index in a child process, so that the memory of the build is not in the measured growth. build.json in the index's folder
marks a complete index. The report is one JSON object, written to --report.
"""

import argparse
import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import numpy as np

K = 10
WARM = 200  # queries that are repeated to time warm answers
libc = ctypes.CDLL(None, use_errno=True)


def arguments(**more):
    """Returns the arguments that all scripts have. more adds options by name and default."""
    p = argparse.ArgumentParser()
    for name in ("base", "queries", "truth", "index", "report"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--budget", type=float, required=True, help="bytes of memory a vector")
    p.add_argument("--efforts", default="", help="values of the effort, separated by commas, instead of the script's own")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--build", action="store_true", help="only build the index")
    for name, default in more.items():
        p.add_argument("--" + name, default=default, type=type(default))
    return p.parse_args()


def efforts(a, default):
    return [int(v) for v in a.efforts.split(",")] if a.efforts else default


def bvecs(path):
    """Maps the vectors of a .bvecs file, n × d uint8."""
    with open(path, "rb") as f:
        d = int(np.fromfile(f, np.int32, 1)[0])
    rows = np.memmap(path, np.uint8, "r")
    if d < 1 or rows.size % (4 + d):
        raise SystemExit(f"{path}: not whole vectors of {d} bytes")
    return rows.reshape(-1, 4 + d)[:, 4:]


def ivecs(path):
    rows = np.fromfile(path, np.int32)
    return rows.reshape(-1, 1 + rows[0])[:, 1:]


def built(a, build):
    """Builds the index in a child process unless it is complete, and returns what build.json says."""
    mark = os.path.join(a.index, "build.json")
    if a.build:
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: the build ends with the script that asked for it
        shutil.rmtree(a.index, ignore_errors=True)
        os.makedirs(a.index)
        start = time.perf_counter()
        more = build(a) or {}
        for fd in Files(a.index).descriptors:
            os.fsync(fd)  # posix_fadvise drops only pages that are written
        with open(mark, "w") as f:
            json.dump({"build_seconds": time.perf_counter() - start, **more}, f)
        raise SystemExit(0)
    if not os.path.exists(mark):
        subprocess.run([sys.executable, *sys.argv, "--build"], check=True, stdout=sys.stderr)
    with open(mark) as f:
        return json.load(f)


def read_ahead(path):
    """Returns the kernel's read-ahead in bytes on the disk of path, or None if the file system has no disk of its own."""
    device = os.stat(path).st_dev
    folder = f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"
    for name in (folder + "/queue", os.path.realpath(folder) + "/../queue"):
        if os.path.exists(name + "/read_ahead_kb"):
            with open(name + "/read_ahead_kb") as f:
                return 1024 * int(f.read())
    return None


class Files:
    """The files that a peer reads. maps lists the address and length of every mapping of them."""

    def __init__(self, *paths, maps=()):
        self.bytes = 0
        self.descriptors = []
        for path in paths:
            for name in [path] if os.path.isfile(path) else [os.path.join(r, f) for r, _, fs in os.walk(path) for f in fs]:
                self.descriptors.append(os.open(name, os.O_RDONLY))
                self.bytes += os.path.getsize(name)
        self.maps = list(maps)

    def drop(self):
        for address, length in self.maps:
            advise(address, length, 4)  # MADV_DONTNEED
        for fd in self.descriptors:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)


def advise(address, length, advice):
    if libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(length), advice):
        raise OSError(ctypes.get_errno(), "madvise")


def private_bytes():
    """Returns the private memory that this process holds; mapped files are not in it."""
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("RssAnon"))


def counters():
    """Returns bytes read from the disk, read system calls, major faults, and seconds of CPU of all threads."""
    with open("/proc/self/io") as f:
        io = dict(line.split(": ") for line in f)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return np.array([int(io["read_bytes"]), int(io["syscr"]), usage.ru_majflt, usage.ru_utime + usage.ru_stime])


def measure(search, queries, files):
    """Answers every query cold, and the first WARM of them again, warm. search(query) returns the identifiers of the K nearest."""
    own = np.diff([counters() for _ in range(3)], axis=0)[-1]  # what reading the counters adds
    ids, cold, cost = [], [], []
    for q in queries:
        files.drop()
        before, start = counters(), time.perf_counter()
        found = search(q)
        cold.append(time.perf_counter() - start)
        cost.append(counters() - before - own)
        ids.append(np.asarray(found, np.int64))
    for q in queries[:WARM]:
        search(q)
    warm = []
    for q in queries[:WARM]:
        start = time.perf_counter()
        search(q)
        warm.append(time.perf_counter() - start)
    cost, cold, warm = np.maximum(np.mean(cost, axis=0), 0), 1e3 * np.array(cold), 1e3 * np.array(warm)
    return ids, {
        "bytes_read": cost[0], "read_calls": cost[1], "faults": cost[2], "cpu_ms": 1e3 * cost[3],
        "cold_ms": cold.mean(), "cold_p50_ms": np.median(cold), "warm_ms": warm.mean(), "warm_p50_ms": np.median(warm),
    }


def recalls(ids, queries, base, truth):
    """Returns recall@1 and recall@K by distance: a neighbour is right if it is no farther than the true k-th one. Each counts once."""
    one = ten = 0.0
    for found, q, true in zip(ids, queries, truth):
        distance = lambda i: np.sort(((base[i].astype(np.int64) - q.astype(np.int64)) ** 2).sum(1))
        found = np.unique(found)
        if len(found) and (found[-1] >= len(base)):
            raise SystemExit(f"the peer returned the vector {found[-1]} of {len(base)}")
        found = found[found >= 0]
        limit = distance(true[:K])
        got = distance(found)
        one += len(got) > 0 and got[0] <= limit[0]
        ten += min(K, int((got <= limit[-1]).sum())) / K
    return one / len(ids), ten / len(ids)


def report(a, open_index):
    """Measures every effort and writes the report.

    open_index(a) returns a dictionary with the fields of the report and with: search(effort), which returns a function of a query;
    efforts; files; vectors(effort, query), or None where the peer does not say; reads(row), the reads of a query.
    """
    base, queries, truth = bvecs(a.base), np.ascontiguousarray(bvecs(a.queries)), ivecs(a.truth)
    if len(truth) < len(queries) or truth.shape[1] < K or truth.max() >= len(base):
        raise SystemExit(f"{a.truth}: not {K} neighbours among {len(base)} vectors for each of {len(queries)} queries")
    before = private_bytes()
    index = open_index(a)
    search, values, files, vectors, reads = (index.pop(n) for n in ("search", "efforts", "files", "vectors", "reads"))
    rows = []
    for effort in values:
        ids, row = measure(search(effort), queries, files)
        row["recall1"], row["recall10"] = recalls(ids, queries, base, truth)
        row["vectors"] = None if vectors is None else float(np.mean(vectors(effort, row, queries)))
        row["reads"] = reads(row)
        rows.append({"effort": effort, **row})
        said = f"effort {effort}, recall@1 {row['recall1']:.3f}, {row['bytes_read']:.0f} bytes"
        print(f"{index['peer']} {a.budget:g}: {said}", file=sys.stderr)
    index["resident_bytes"] = max(0, private_bytes() - before)
    memory = index.pop("memory")
    index.update(
        version=1, n=len(base), d=base.shape[1], queries=len(queries), k=K, budget=a.budget, disk_bytes=files.bytes,
        read_ahead=read_ahead(a.index), memory_bytes=float(memory() if callable(memory) else memory), rows=rows,
    )
    with open(a.report + ".new", "w") as f:
        json.dump(index, f, default=float)
    os.replace(a.report + ".new", a.report)
