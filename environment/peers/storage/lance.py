"""LanceDB: IVF_PQ refined with the vectors of the table (--way pq), and IVF_FLAT (--way flat).

LanceDB indexes no bytes under L2, so that vectors are stored as float32. Its cache of index data is given the budget; pq has √n partitions and
16 sub-vectors; flat has as many partitions as centroids fit into half the budget, because a cache that does not hold all of the centroids
reads them for every query, and no more than n / 39. Memory: what the session says that its
caches hold after the queries. The effort is nprobes with flat; with pq it is the refine factor, at 64 partitions.
"""

import math
import os

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import IvfFlat, IvfPq

from counting import K, Files, arguments, built, bvecs, efforts, report

PROBES = 64


def build(a):
    base = bvecs(a.base)
    n, d = base.shape
    column = pa.FixedSizeListArray.from_arrays(pa.array(base.astype(np.float32).reshape(-1)), d)
    table = lancedb.connect(os.path.join(a.index, "data")).create_table("t", pa.table({"vector": column, "id": pa.array(np.arange(n, dtype=np.int32))}))
    if a.way == "pq":
        parts, config = max(1, math.isqrt(n)), IvfPq
        more = {"num_sub_vectors": min(16, d)}
    else:
        parts, config, more = max(1, min(int(a.budget * n / (8 * d)), n // 39)), IvfFlat, {}
    table.create_index("vector", config=config(distance_type="l2", num_partitions=parts, max_iterations=10, **more))
    return {"partitions": parts}


def open_index(a):
    n = len(bvecs(a.base))
    session = lancedb.Session(index_cache_size_bytes=int(a.budget * n), metadata_cache_size_bytes=16 << 20)
    table = lancedb.connect(os.path.join(a.index, "data"), session=session).open_table("t")
    partitions = opened["partitions"]

    def search(effort):
        probes, refine = (min(PROBES, partitions), effort) if a.way == "pq" else (effort, None)

        def one(q):
            s = table.search(q.astype(np.float32)).limit(K).nprobes(probes).select(["id", "_distance"])
            return (s.refine_factor(refine) if refine else s).to_arrow()["id"].to_numpy()

        return one

    default = [1, 2, 4, 8, 16, 32] if a.way == "pq" else [1, 2, 4, 8, 16, 32, 64, 128]
    return {
        "peer": "lancedb-ivf-" + a.way, "library": "lancedb " + lancedb.__version__, "stored": "float32",
        "effort_name": "refine factor" if a.way == "pq" else "nprobes",
        "setting": f"{partitions} partitions, " + (f"nprobes {min(PROBES, partitions)}, 16 sub-vectors, rows refined" if a.way == "pq" else "flat"),
        "memory": lambda: session.size_bytes, "memory_formula": "the session's size_bytes after the queries",
        "search": search, "efforts": [e for e in efforts(a, default) if a.way == "pq" or e <= partitions],
        "files": Files(os.path.join(a.index, "data")),
        "vectors": (lambda e, row, qs: [e * K]) if a.way == "pq" else None,
        "reads": lambda row: row["read_calls"] + row["faults"], "reads_from": "read system calls",
    }


args = arguments(way="pq")
opened = built(args, build)
report(args, lambda a: open_index(a) | {"build_seconds": opened["build_seconds"]})
