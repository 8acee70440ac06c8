"""Builds and searches FAISS IndexHNSWFlat on the first ROWS embeddings: EMBEDDINGS.npy ROWS M EF_CONSTRUCTION OUT_DIR EFS KS [SELECT]

Builds the index, and for every efSearch of EFS and k of KS (comma-separated) searches all points for k + 1. Writes
OUT_DIR/graph.hnsw (the graph in the format of lib/hnsw) and OUT_DIR/ids_EF_K.bin (int32, rows × (k+1), −1 for an
empty slot). Prints JSON: seconds of the build and of each search.
"""
import json
import sys
import time

import faiss
import graph_file
import numpy as np

path, rows, m, ef_construction, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
efs, ks = ([int(s) for s in arg.split(",")] for arg in sys.argv[6:8])
x = np.load(path, mmap_mode="r")
x = x[np.fromfile(sys.argv[8], np.int32)] if len(sys.argv) > 8 else x[:rows]
x = np.ascontiguousarray(x, dtype=np.float32)

index = faiss.IndexHNSWFlat(x.shape[1], m)
index.hnsw.efConstruction = ef_construction
started = time.perf_counter()
index.add(x)
times = {"build": time.perf_counter() - started}


hnsw = index.hnsw
levels, links = faiss.vector_to_array(hnsw.levels) - 1, faiss.vector_to_array(hnsw.neighbors)
graph_file.write(out + "/graph.hnsw", m, ef_construction, levels, links, hnsw.entry_point)
for ef in efs:
    for k in ks:
        index.hnsw.efSearch = ef
        started = time.perf_counter()
        _, ids = index.search(x, k + 1)
        times[f"search_{ef}_{k}"] = time.perf_counter() - started
        ids.astype("<i4").tofile(f"{out}/ids_{ef}_{k}.bin")
print(json.dumps(times))
