"""advise_check.py FOLDER METRIC M EFCONSTRUCTION SEED K EF ENGINE...: builds each engine on base.npy in FOLDER, asks it for the K
nearest of each row of fresh.npy at EF, and writes the IDs to ENGINE.bin (int32, -1 for an empty slot). METRIC is l2, cosine or ip.

Engines are used as their users do: rows in the order of the file, the engine's own defaults for what is not named here. SEED is that of
hnswlib; FAISS's is fixed, and usearch has none.
"""
import os
import sys

import numpy as np


def faiss(base, fresh, metric, m, construction, seed, k, ef):
    import faiss as engine

    kind = engine.METRIC_INNER_PRODUCT if metric == "ip" else engine.METRIC_L2
    if metric == "cosine":
        base, fresh = unit(base), unit(fresh)
    index = engine.IndexHNSWFlat(base.shape[1], m, kind)
    index.hnsw.efConstruction = construction
    index.add(base)
    index.hnsw.efSearch = ef
    return index.search(fresh, k)[1]


def hnswlib(base, fresh, metric, m, construction, seed, k, ef):
    import hnswlib as engine

    index = engine.Index(metric, base.shape[1])
    index.init_index(len(base), M=m, ef_construction=construction, random_seed=seed)
    index.add_items(base, num_threads=1)
    index.set_ef(ef)
    return index.knn_query(fresh, k, num_threads=1)[0]


def usearch(base, fresh, metric, m, construction, seed, k, ef):
    import usearch.index as engine

    name = {"l2": "l2sq", "cosine": "cos", "ip": "ip"}[metric]
    index = engine.Index(ndim=base.shape[1], metric=name, dtype="f32", connectivity=m, expansion_add=construction)
    index.add(np.arange(len(base)), base, threads=1)
    index.expansion_search = ef
    found = index.search(fresh, k, threads=1)
    ids = np.full((len(fresh), k), -1)
    for i, count in enumerate(found.counts):
        ids[i, :count] = found.keys[i, :count]
    return ids


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


folder, metric = sys.argv[1:3]
base, fresh = (np.load(os.path.join(folder, name)) for name in ("base.npy", "fresh.npy"))
numbers = [int(n) for n in sys.argv[3:8]]
for name in sys.argv[8:]:
    globals()[name](base, fresh, metric, *numbers).astype(np.int32).tofile(os.path.join(folder, name + ".bin"))
