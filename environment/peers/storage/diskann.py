"""DiskANN's wheel: a graph on storage, read with O_DIRECT, and product-quantised codes in memory.

The wheel is given the memory that makes its codes take the budget, no cache of nodes, R = 32, L = 75 to build and a beam of 2, its own
default. A node with its vector is read as one page of 4 KiB by asynchronous I/O, which no system call counter sees: reads and vectors are
bytes / 4,096. It is opened for two threads, because version 0.7.0 waits for ever when opened for one; a query uses one. The effort is the
length L of the search list. Memory: the codes, codebooks of 1,024 d bytes and one medoid.
"""

import os
from importlib.metadata import version

import diskannpy
import numpy as np

from counting import K, Files, arguments, built, bvecs, efforts, report

SECTOR, BEAM = 4096, 2


def build(a):
    base = np.ascontiguousarray(bvecs(a.base))
    codes = min(a.budget, base.shape[1])
    diskannpy.build_disk_index(base, "l2", a.index, complexity=75, graph_degree=a.degree, search_memory_maximum=(codes + 0.5) * len(base) / 2**30,
                               build_memory_maximum=4, num_threads=2)
    os.remove(os.path.join(a.index, "ann_vectors.bin"))


def open_index(a):
    index = diskannpy.StaticDiskIndex(a.index, num_threads=2, num_nodes_to_cache=0, cache_mechanism=0)
    n, code = np.fromfile(os.path.join(a.index, "ann_pq_compressed.bin"), np.int32, 2)
    d = bvecs(a.base).shape[1]
    return {
        "peer": "diskann", "library": "diskannpy " + version("diskannpy"),
        "stored": "uint8", "effort_name": "L", "setting": f"R {a.degree}, L 75, codes of {code} bytes, beam {BEAM}, no cached nodes",
        "memory": float(n) * code + 1024.0 * d + 4 * d, "memory_formula": "n × code + 1,028 d",
        "search": lambda L: lambda q: index.search(q, K, L, BEAM).identifiers,
        "efforts": efforts(a, [10, 14, 20, 30, 40, 60, 80, 120, 160, 240]),
        "files": Files(os.path.join(a.index, "ann_disk.index")),
        "vectors": lambda L, row, qs: [row["bytes_read"] / SECTOR],
        "reads": lambda row: row["bytes_read"] / SECTOR, "reads_from": "bytes / 4,096",
    }


args = arguments(degree=32)
opened = built(args, build)
report(args, lambda a: open_index(a) | opened)
