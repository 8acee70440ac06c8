"""Writes the committed vectors on which searches are compared: NAME OUT.npy

embeddings  1,000 × 64 in 20 clusters of unequal size, the last 20 rows copies of others
ties        600 × 16 whole numbers, each of 60 rows ten times
Coordinates are multiples of 1/256 and of such a size that every squared distance is a float32 number without rounding: every
peer computes the same distances on every processor and in every order of summation.
"""
import sys

import numpy as np


def embeddings():
    r = np.random.default_rng(13)
    centres, share = r.normal(0, 0.8, (20, 64)), r.dirichlet(np.full(20, 2.0))
    x = centres[r.choice(20, 1000, p=share)] + r.normal(0, 0.4, (1000, 64))
    x[980:] = x[r.choice(980, 20, replace=False)]
    return np.rint(256 * x) / 256


def ties():
    r = np.random.default_rng(14)
    return np.repeat(r.integers(0, 3, (60, 16)), 10, 0)[r.permutation(600)]


x = {"embeddings": embeddings, "ties": ties}[sys.argv[1]]()
exact = np.rint(256 * x).astype(np.int64)
norms = (exact**2).sum(1)
assert max((norms[:, None] + norms[None] - 2 * exact @ exact.T).max(), norms.max()) < 1 << 24
np.save(sys.argv[2], x.astype(np.float32))
