"""Reports what FAISS of the pinned wheel returns when k exceeds efSearch: BASE.npy QUERIES.npy K EF

Prints JSON: its version, its exact answers (the IDs of the 10 nearest per query), and per index how many of the K slots it fills in the mean.
"""
import json
import sys

import faiss
import numpy as np

base, queries = np.load(sys.argv[1]), np.load(sys.argv[2])
k, ef = int(sys.argv[3]), int(sys.argv[4])
flat = faiss.IndexFlatL2(base.shape[1])
flat.add(base)
filled = {"FAISS Flat": flat.search(queries, k)[1]}
for name, bounded in (("FAISS HNSW", True), ("FAISS HNSW, unbounded queue", False)):
    index = faiss.IndexHNSWFlat(base.shape[1], 8)
    index.hnsw.efConstruction = 40
    index.add(base)
    index.hnsw.efSearch, index.hnsw.search_bounded_queue = ef, bounded
    filled[name] = index.search(queries, k)[1]
lists = min(int(4 * len(base) ** 0.5), len(base) // 39)
index = faiss.IndexIVFFlat(faiss.IndexFlatL2(base.shape[1]), base.shape[1], lists)
index.train(base)
index.add(base)
index.nprobe = ef
filled["FAISS IVF"] = index.search(queries, k)[1]
print(json.dumps({
    "version": faiss.__version__,
    "exact": flat.search(queries, 10)[1].tolist(),
    "filled": {name: float((ids >= 0).mean() * k) for name, ids in filled.items()},
}))
