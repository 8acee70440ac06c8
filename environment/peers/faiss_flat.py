"""Computes exact neighbours with FAISS IndexFlatL2: EMBEDDINGS.npy ROWS K [OUT_PREFIX]

Prints the seconds of the search; or writes OUT_PREFIX_ids.bin (int32) and OUT_PREFIX_squared.bin (float32), rows × K,
the query itself left out by identity.
"""
import sys
import time

import faiss
import numpy as np

path, rows, k = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
x = np.load(path, mmap_mode="r")[:rows].astype(np.float32)
index = faiss.IndexFlatL2(x.shape[1])
index.add(x)
started = time.perf_counter()
squared, ids = index.search(x, k + 1)
seconds = time.perf_counter() - started
if len(sys.argv) <= 4:
    print(seconds)
else:
    keep = ids != np.arange(len(x))[:, None]
    full = keep.all(axis=1)  # more than k exact duplicates: the query itself is not among the answers
    keep[full, -1] = False
    ids[keep].astype(np.int32).tofile(sys.argv[4] + "_ids.bin")
    squared[keep].astype(np.float32).tofile(sys.argv[4] + "_squared.bin")
