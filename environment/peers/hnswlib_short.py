"""What hnswlib's Python module says when it finds fewer than k: BASE.npy M EF_CONSTRUCTION K; prints the text of its exception, or nothing.

Prints "missing" where hnswlib is not installed (environment/setup.sh bench).
"""
import sys

import numpy as np

try:
    import hnswlib
except ImportError:
    sys.exit(print("missing"))
base = np.load(sys.argv[1])
m, ef_construction, k = (int(s) for s in sys.argv[2:5])
index = hnswlib.Index("l2", base.shape[1])
index.init_index(len(base), ef_construction=ef_construction, M=m)
index.add_items(base, num_threads=1)
try:
    index.knn_query(base[:1], k=k)
except RuntimeError as error:
    print(error)
