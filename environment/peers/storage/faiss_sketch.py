"""FAISS's IndexPQ in memory, refined with rows that this script reads from a file of vectors by pread.

Every code is scanned; the best effort × 10 vectors are read, one pread each, and compared exactly. Memory: the codes and 1,024 d bytes of
codebooks. The code takes the largest power of two of bytes that the budget holds. FAISS's IVF-PQ keeps eight bytes of identifier a vector
besides the code, so that budgets up to 8 leave no room for it.
"""

import os

import faiss
import numpy as np

from counting import K, Files, arguments, built, bvecs, efforts, report
from rows import Rows, write_rows


def build(a):
    base = bvecs(a.base)
    m = 1
    while 2 * m <= min(a.budget, base.shape[1]) and base.shape[1] % (2 * m) == 0:
        m *= 2
    index = faiss.IndexPQ(base.shape[1], m, 8)
    index.pq.cp.seed = a.seed
    index.train(base[:].astype(np.float32))
    for start in range(0, len(base), 65536):
        index.add(base[start : start + 65536].astype(np.float32))
    faiss.write_index(index, os.path.join(a.index, "index"))
    write_rows(os.path.join(a.index, "vectors"), base)


def open_index(a):
    faiss.omp_set_num_threads(1)
    index = faiss.read_index(os.path.join(a.index, "index"))
    rows = Rows(os.path.join(a.index, "vectors"), index.d)
    return {
        "peer": "faiss-pq", "library": "faiss " + faiss.__version__, "stored": "uint8", "effort_name": "refine factor",
        "setting": f"codes of {index.code_size} bytes, all scanned, rows refined by pread",
        "memory": index.ntotal * index.code_size + 1024.0 * index.d, "memory_formula": "n × code + 1,024 d",
        "search": lambda n: lambda q: rows.nearest(q, index.search(q[None].astype(np.float32), n * K)[1][0], K),
        "efforts": [n for n in efforts(a, [1, 2, 4, 8, 16, 32, 64, 128]) if n * K <= index.ntotal],
        "files": Files(os.path.join(a.index, "vectors")),
        "vectors": lambda n, row, qs: [n * K],
        "reads": lambda row: row["faults"] + row["read_calls"], "reads_from": "read system calls",
    }


args = arguments()
opened = built(args, build)
report(args, lambda a: open_index(a) | opened)
