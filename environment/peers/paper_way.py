"""Estimates the time of one run of the study with FAISS and NumPy, computed as in the paper: EMBEDDINGS.npy ROWS

Every (setting, k) is a separate search with its own measures. Two are timed, k = 100 and 500 at efSearch 50, the
searches on all points and the NumPy part on 1,000 of them, scaled; a straight line through both gives the mean over
k = 10 … 500. Prints the seconds of 14 settings × 50 k and of the five builds. Only times are used: a short answer is padded with the
largest float32, whose mean overflows.
"""
import sys
import time

import faiss
import numpy as np

SETTINGS, KS, BUILDS, SAMPLE, CHUNK = 14, 50, 5, 1000, 50
path, rows = sys.argv[1], int(sys.argv[2])
x = np.load(path, mmap_mode="r")[:rows].astype(np.float32)
flat = faiss.IndexFlatL2(x.shape[1])
flat.add(x)
index = faiss.IndexHNSWFlat(x.shape[1], 32)
index.hnsw.efConstruction, index.hnsw.efSearch = 200, 50


def seconds(step, *arguments):
    started = time.perf_counter()
    result = step(*arguments)
    return time.perf_counter() - started, result


def barycenters(ids):
    return np.concatenate([x[ids[i : i + CHUNK]].mean(axis=1) for i in range(0, len(ids), CHUNK)])


def lid(squared):
    return -1 / np.log((squared + 1e-12) / (squared[:, -1:] + 1e-12)).mean(axis=1)


def measures(exact, answer):
    """Overlap, mean distances, barycentre shift, LID: of squared distances and labels, the query's column dropped."""
    (de, ie), (da, ia) = exact, answer
    overlap = [len(np.intersect1d(a, b)) / len(a) for a, b in zip(ie, ia)]
    shift = np.linalg.norm(barycenters(ia) - barycenters(ie), axis=1) / de.mean(axis=1)
    return np.mean(overlap), de.mean(), da.mean(), shift.mean(), lid(de).mean(), lid(da).mean()


def one(k):
    """The seconds of one (setting, k)."""
    searching, answer = seconds(index.search, x, k + 1)
    cut = lambda pair: tuple(part[:SAMPLE, 1 : k + 1] for part in pair)
    measuring, _ = seconds(measures, cut(exact), cut(answer))
    return searching + measuring * rows / SAMPLE


build, _ = seconds(index.add, x)
truth, exact = seconds(flat.search, x, 501)
with np.errstate(over="ignore"):
    at100, at500 = one(100), one(500)
mean_k = 10 * (KS + 1) / 2
per_k = at100 + (at500 - at100) * (mean_k - 100) / 400
print(truth + BUILDS * build + SETTINGS * KS * per_k)
