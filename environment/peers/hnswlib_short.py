"""Prints the exception of hnswlib's Python module when it finds fewer than k neighbours, or nothing: BASE.npy M EF_CONSTRUCTION K."""
import sys

import hnswlib
import numpy as np

base = np.load(sys.argv[1])
m, ef_construction, k = (int(s) for s in sys.argv[2:5])
index = hnswlib.Index("l2", base.shape[1])
index.init_index(len(base), ef_construction=ef_construction, M=m)
index.add_items(base, num_threads=1)
try:
    index.knn_query(base[:1], k=k)
except RuntimeError as error:
    print(error)
