"""Compares FAISS IndexHNSWFlat with exact search: POINTS.npy M EFS_CONSTRUCTION EFS KS

Prints JSON: for every efConstruction the mean number of links on level 0, and for every efSearch and k (numbers separated by commas)
the mean share of the k nearest by IndexFlatL2, the point itself left out, that are among FAISS's k + 1 answers.
"""
import json
import sys

import faiss
import numpy as np

x, m = np.load(sys.argv[1]), int(sys.argv[2])
constructions, efs, ks = ([int(s) for s in arg.split(",")] for arg in sys.argv[3:6])
faiss.omp_set_num_threads(1)
flat = faiss.IndexFlatL2(x.shape[1])
flat.add(x)
_, truth = flat.search(x, max(ks) + 2)
own = np.arange(len(x))
truth = [row[row != i] for i, row in enumerate(truth)]
out = []
for ef_construction in constructions:
    index = faiss.IndexHNSWFlat(x.shape[1], m)
    index.hnsw.efConstruction = ef_construction
    index.add(x)
    hnsw, row = index.hnsw, {"ef_construction": ef_construction, "overlaps": []}
    links, offsets = faiss.vector_to_array(hnsw.neighbors), faiss.vector_to_array(hnsw.offsets)[:-1].astype(int)
    row["mean_links"] = float(np.mean([(links[at : at + 2 * m] >= 0).sum() for at in offsets]))
    for ef in efs:
        index.hnsw.efSearch = ef
        for k in ks:
            _, ids = index.search(x, k + 1)
            both = [len(np.intersect1d(t[:k], a[(a >= 0) & (a != i)])) for i, (t, a) in enumerate(zip(truth, ids))]
            row["overlaps"].append({"ef": ef, "k": k, "overlap": float(np.mean(both) / k)})
    out.append(row)
print(json.dumps(out))
