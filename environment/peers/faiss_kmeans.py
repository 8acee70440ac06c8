"""Runs FAISS's k-means: VECTORS.npy ROWS CLUSTERS ITERATIONS SAMPLE SEED [CENTROIDS.npy]

Trains on at most SAMPLE vectors per cluster (0 means all), from CENTROIDS.npy or from vectors drawn at random, and assigns all
vectors to the centroids. Prints JSON: the seconds of both together, the inertia of the assignment, and the inertia of the
training vectors at the start of every iteration.
"""
import json
import sys
import time

import faiss
import numpy as np

path, rows, clusters, iterations, sample, seed = sys.argv[1], *map(int, sys.argv[2:7])
x = np.load(path, mmap_mode="r")[:rows].astype(np.float32)
first = np.load(sys.argv[7]).astype(np.float32) if len(sys.argv) > 7 else None
kmeans = faiss.Kmeans(
    x.shape[1], clusters, niter=iterations, seed=seed, min_points_per_centroid=1, max_points_per_centroid=sample or len(x)
)
started = time.perf_counter()
kmeans.train(x, init_centroids=first)
squared, _ = kmeans.index.search(x, 1)
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "inertia": float(squared.sum(dtype=np.float64)), "trace": kmeans.obj.tolist()}))
