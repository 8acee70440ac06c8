"""Prints the recall of FAISS and hnswlib at the efSearch that advise gives.

make NAME N OUT.npy         writes a data set of N float32 vectors (MAKERS below, seeds fixed)
ask DATA.npy jobs.json      jobs: a list of {"m": M, "k": k, "ef": efSearch}; prints one JSON list, a row per job, engine and order:
    {"m", "k", "ef", "engine", "order", "recall", "identity", "short"}

Engines are used in the usual way: efConstruction 200, efSearch max(ef, k + 1), asked for k + 1 neighbours of every indexed point; the
point itself is removed by its ID, and the first k that remain count. "recall" counts an answer that is no farther than the k-th exact
neighbour, "identity" one that is among the k exact neighbours, ties by ID; "short" is the share of queries with fewer than k answers.
The orders of insertion are that of the file and two permutations (seeds 1 and 2).
"""
import json
import sys

import faiss
import numpy as np
from scipy.spatial.distance import cdist

EF_CONSTRUCTION = 200
TIE = 1 + 1e-6  # distances are compared in float64; the engines compute in float32


def gaussian(n, d):
    return np.random.default_rng(d).standard_normal((n, d))


def clusters(n):
    """k-means-like: 50 centres, in no order."""
    r = np.random.default_rng(5)
    return 3 * r.standard_normal((50, 24))[r.integers(0, 50, n)] + r.standard_normal((n, 24))


def same20(n):
    """20 % of the rows are one and the same."""
    r = np.random.default_rng(7)
    x = r.standard_normal((n, 16))
    same = r.choice(n, n // 5, False)
    x[same] = x[same[0]]
    return x


def dup5(n):
    """5 % of the rows are copies of others."""
    r = np.random.default_rng(8)
    x = r.standard_normal((n, 24))
    to = r.choice(n, n // 10, False)
    x[to[: n // 20]] = x[to[n // 20 :][: n // 20]]
    return x


MAKERS = {
    "gaussian16": lambda n: gaussian(n, 16),
    "gaussian32": lambda n: gaussian(n, 32),
    "gaussian64": lambda n: gaussian(n, 64),
    "dup30": lambda n: np.repeat(np.random.default_rng(0).standard_normal((n // 30, 32)), 30, 0),
    "dup30shuffled": lambda n: np.random.default_rng(1).permutation(MAKERS["dup30"](n)),
    "dup3": lambda n: np.repeat(np.random.default_rng(2).standard_normal((n // 3, 32)), 3, 0),
    "same20": same20,
    "clusters": clusters,
    "binary24": lambda n: np.random.default_rng(3).integers(0, 2, (n, 24)),
    "dup5": dup5,
    "same": lambda n: np.ones((n, 8)),
    "two": lambda n: np.repeat(np.random.default_rng(4).standard_normal((2, 8)), n // 2, 0),
    "sorted": lambda n: (lambda x: x[np.argsort(x[:, 0])])(gaussian(n, 32)),
    "clustersorted": lambda n: (lambda x: x[np.lexsort(x.T[:3].round())])(clusters(n)),
}


def orders(n):
    yield "file", np.arange(n)
    for seed in (1, 2):
        yield f"permutation {seed}", np.random.default_rng(seed).permutation(n)


class Faiss:
    name = "faiss"

    def __init__(self, x, order, m, seed):
        self.x, self.order = x, order
        self.index = faiss.IndexHNSWFlat(x.shape[1], m)
        self.index.hnsw.efConstruction = EF_CONSTRUCTION
        self.index.add(x[order])

    def search(self, k, ef):
        self.index.hnsw.efSearch = ef
        _, ids = self.index.search(self.x, k)
        return np.where(ids >= 0, self.order[ids], -1)


class Hnswlib:
    name = "hnswlib"

    def __init__(self, x, order, m, seed):
        import hnswlib  # compiled by environment/setup.sh bench, may be missing

        self.x = x
        self.index = hnswlib.Index("l2", x.shape[1])
        self.index.init_index(len(x), M=m, ef_construction=EF_CONSTRUCTION, random_seed=100 + seed)
        self.index.add_items(x[order], order, num_threads=1)

    def search(self, k, ef):
        self.index.set_ef(ef)
        try:
            return self.index.knn_query(self.x, k, num_threads=1)[0].astype(np.int64)
        except RuntimeError:  # some query finds fewer than k
            return np.array([self.one(q, k) for q in self.x])

    def one(self, query, k):
        """The answer for one query, -1 where there is none."""
        low, high, best = 0, k + 1, np.array([], np.int64)
        while high - low > 1:
            middle = (low + high) // 2
            try:
                best, low = self.index.knn_query(query, middle, num_threads=1)[0][0].astype(np.int64), middle
            except RuntimeError:
                high = middle
        return np.append(best, np.full(k - len(best), -1))


def count(ids, distance, rank, k):
    """Mean recall by distance and by identity, and the share of short answers. rank: of each point among a query's neighbours, by
    distance, then ID; the query's own is -1."""
    query = np.arange(len(ids))[:, None]
    counted = (ids >= 0) & (ids != query)
    counted &= np.cumsum(counted, 1) <= k
    limit = np.where(rank == k - 1, distance, 0).max(1)[:, None] * TIE
    recall = (counted & (distance[query, ids] <= limit)).sum()
    identity = (counted & (rank[query, ids] < k)).sum()
    n = len(ids)
    return float(recall / n / k), float(identity / n / k), float((counted.sum(1) < k).mean())


def ask(x, jobs):
    distance = cdist(x.astype(np.float64), x.astype(np.float64), "sqeuclidean")
    np.fill_diagonal(distance, -1)
    rank = np.argsort(np.argsort(distance, 1, kind="stable"), 1, kind="stable") - 1
    for m in sorted({job["m"] for job in jobs}):
        for engine in (Faiss, Hnswlib):
            for seed, (order, ids) in enumerate(orders(len(x))):
                index = engine(x, ids, m, seed)
                for job in jobs:
                    if job["m"] == m:
                        answers = index.search(job["k"] + 1, max(job["ef"], job["k"] + 1))
                        recall, identity, short = count(answers, distance, rank, job["k"])
                        yield {**job, "engine": engine.name, "order": order, "recall": recall, "identity": identity, "short": short}


if __name__ == "__main__":
    faiss.omp_set_num_threads(1)
    if sys.argv[1] == "make":
        np.save(sys.argv[4], MAKERS[sys.argv[2]](int(sys.argv[3])).astype(np.float32))
    else:
        data = np.ascontiguousarray(np.load(sys.argv[2]), np.float32)
        print(json.dumps(list(ask(data, json.load(open(sys.argv[3]))))))
