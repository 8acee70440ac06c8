"""Searches shards of FAISS IndexHNSWFlat: POINTS.npy QUERIES M EF_CONSTRUCTION EF KS SHARDS [SHARD_OF_EACH_POINT.npy]

Deals the points at random to each number of SHARDS (separated by commas), or as the file says, builds an index on each shard, and
searches QUERIES evenly spaced points in every shard with efSearch EF for k + 1 neighbours. Prints JSON: for each number of shards
and each k of KS the mean share of the k nearest by IndexFlatL2, the point itself left out, that are among the k nearest of all
answers, and the mean number of distances that FAISS counts.
"""
import json
import sys

import faiss
import numpy as np

x, queries, m, ef_construction, ef = np.load(sys.argv[1]), *map(int, sys.argv[2:6])
ks, counts = ([int(s) for s in arg.split(",")] for arg in sys.argv[6:8])
faiss.omp_set_num_threads(1)
own = np.arange(0, len(x), len(x) // queries)[:queries]
flat = faiss.IndexFlatL2(x.shape[1])
flat.add(x)
_, truth = flat.search(x[own], max(ks) + 1)
truth = [row[row != i] for i, row in zip(own, truth)]
out = []
for shards in counts:
    home = np.random.default_rng(shards).permutation(len(x)) % shards
    if len(sys.argv) > 8:
        home = np.load(sys.argv[8])
    indexes = []
    for s in range(shards):
        index = faiss.IndexHNSWFlat(x.shape[1], m)
        index.hnsw.efConstruction, index.hnsw.efSearch = ef_construction, ef
        index.add(x[home == s])
        indexes.append((index, np.flatnonzero(home == s)))
    for k in ks:
        distances, ids = [], []
        faiss.cvar.hnsw_stats.reset()
        for index, members in indexes:
            d, i = index.search(x[own], k + 1)
            distances.append(np.where(i < 0, np.inf, d))
            ids.append(np.where(i < 0, -1, members[i]))
        order = np.argsort(np.hstack(distances), axis=1, kind="stable")
        found = np.take_along_axis(np.hstack(ids), order, axis=1)
        overlap = [
            len(set(row[(row != i) & (row >= 0)][:k]) & set(exact[:k])) / k for row, i, exact in zip(found, own, truth)
        ]
        out.append({"shards": shards, "k": k, "overlap": float(np.mean(overlap)), "distances": faiss.cvar.hnsw_stats.ndis / queries})
print(json.dumps(out))
