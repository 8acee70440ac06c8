"""Writes the ten exact nearest neighbours of every query as .ivecs, by FAISS's flat index.

usage: truth.py BASE.bvecs QUERIES.bvecs TRUTH.ivecs

Squared distances of bytes are whole numbers below 2^24 up to 258 dimensions, so that float32 holds them exactly.
"""

import sys

import faiss
import numpy as np

from counting import K, bvecs


def main(base, queries, out):
    base, queries = bvecs(base), bvecs(queries)
    index = faiss.IndexFlatL2(base.shape[1])
    for start in range(0, len(base), 65536):
        index.add(base[start : start + 65536].astype(np.float32))
    ids = index.search(queries.astype(np.float32), K)[1].astype(np.int32)
    np.hstack([np.full((len(ids), 1), K, np.int32), ids]).tofile(out)


main(*sys.argv[1:])
