"""Vectors of bytes in a file, one row after another, read by pread."""

import os

import numpy as np


def write_rows(path, vectors):
    with open(path, "wb") as f:
        for start in range(0, len(vectors), 65536):
            f.write(np.ascontiguousarray(vectors[start : start + 65536]).tobytes())


class Rows:
    """The rows of a file. The kernel is told that reads are random, so that it reads no page ahead."""

    def __init__(self, path, d):
        self.d = d
        self.fd = os.open(path, os.O_RDONLY)
        os.posix_fadvise(self.fd, 0, 0, os.POSIX_FADV_RANDOM)

    def nearest(self, q, ids, k):
        """Reads the rows of ids, in the file's order, and returns the k nearest of them to q."""
        ids = np.sort(ids[ids >= 0])
        rows = np.frombuffer(b"".join(os.pread(self.fd, self.d, int(i) * self.d) for i in ids), np.uint8).reshape(-1, self.d)
        distance = ((rows.astype(np.int32) - q.astype(np.int32)) ** 2).sum(1)
        return ids[np.argsort(distance, kind="stable")[:k]]
