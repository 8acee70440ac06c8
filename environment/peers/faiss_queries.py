"""Searches FAISS IndexFlatL2 for queries that are not points: BASE.npy QUERIES.npy K; prints the seconds of the search."""
import sys
import time

import faiss
import numpy as np

base, queries = (np.ascontiguousarray(np.load(path), np.float32) for path in sys.argv[1:3])
index = faiss.IndexFlatL2(base.shape[1])
index.add(base)
started = time.perf_counter()
index.search(queries, int(sys.argv[3]))
print(time.perf_counter() - started)
