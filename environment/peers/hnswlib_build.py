"""Builds an hnswlib index: EMBEDDINGS.npy ROWS M EF_CONSTRUCTION THREADS; prints the seconds."""
import sys
import time

import hnswlib
import numpy as np

path, rows, m, ef_construction, threads = sys.argv[1], *(int(a) for a in sys.argv[2:6])
x = np.load(path, mmap_mode="r")[:rows].astype(np.float32)
index = hnswlib.Index(space="l2", dim=x.shape[1])
index.init_index(max_elements=rows, M=m, ef_construction=ef_construction, random_seed=42)
started = time.perf_counter()
index.add_items(x, num_threads=threads)
print(time.perf_counter() - started)
