"""Writes graphs in the format of lib/hnsw/file.go."""
import hashlib
import struct

import numpy as np


def write(path, m, ef_construction, levels, links, entry_point):
    """levels: the highest level of each node. links: per node 2M slots for level 0 and M for each level above, −1 at the end."""
    head = struct.pack("<8sIIIIQIi", b"anncHNSW", 1, m, ef_construction, 0, 0, len(levels), entry_point)
    body = head + np.asarray(levels, np.uint8).tobytes() + np.asarray(links, "<i4").tobytes()
    with open(path, "wb") as file:
        file.write(body + hashlib.sha256(body).digest())
