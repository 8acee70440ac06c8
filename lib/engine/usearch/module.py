"""usearch for the side process; see package side."""
import numpy as np
from usearch.index import Index

METRICS = {"euclidean": "l2sq", "cosine": "cos", "inner product": "ip"}


def build(vectors, attributes, metric, m, ef_construction, seed, threads, folder):
    index = Index(ndim=vectors.shape[1], metric=METRICS[metric], dtype="f32", connectivity=m, expansion_add=ef_construction)
    index.add(np.arange(len(vectors)), vectors, threads=threads)
    return index, threads


def delete(index, vectors, ids):
    index, threads = index
    index.remove(ids, threads=threads)


def ask(index, vectors, ids, k, ef):
    index, threads = index
    index.expansion_search = ef
    found = index.search(vectors, k, threads=threads)
    if len(vectors) == 1:
        return [found.keys], [found.distances]
    return tuple([row[:count] for row, count in zip(rows, found.counts)] for rows in (found.keys, found.distances))
