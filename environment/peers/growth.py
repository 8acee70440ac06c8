"""Measures HNSW of one library for lib/growth: ENGINE REQUEST

ENGINE is FAISS, hnswlib or usearch. REQUEST is JSON: Vectors (a folder with base.npy, queries.npy and truth.ivecs), M,
EfConstruction, K, Efforts (two values of efSearch), Threads and MemoryAlone. Prints the record as JSON. With MemoryAlone, it
measures nothing else than Memory, the largest growth of the process's anonymous memory until the index is built, and Held, the
growth afterwards, when free memory has been returned to the kernel. The base is mapped from its file, so that only the copy of
the library counts. Each search is run three times, and the fastest counts.
"""
import ctypes
import json
import os
import resource
import sys
import threading
import time
from importlib.metadata import version

import numpy as np

engine, request = sys.argv[1], json.loads(sys.argv[2])
if engine == "FAISS":
    import faiss
elif engine == "hnswlib":
    import hnswlib
else:
    from usearch.index import Index


def anonymous():
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith("RssAnon:"))


class Watch(threading.Thread):
    """Reads the anonymous memory every 10 ms."""

    def __init__(self):
        super().__init__(daemon=True)
        ctypes.CDLL(None).malloc_trim(0)
        self.before = self.most = anonymous()
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.01):
            self.most = max(self.most, anonymous())

    def stop(self):
        self.ended.set()
        self.join()
        self.most = max(self.most, anonymous())
        ctypes.CDLL(None).malloc_trim(0)
        return (self.most - self.before) / 1e6, (anonymous() - self.before) / 1e6


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class FAISS:
    package = "faiss-cpu"

    def __init__(self, d):
        faiss.omp_set_num_threads(threads)
        self.index = faiss.IndexHNSWFlat(d, m)
        self.index.hnsw.efConstruction = ef_construction

    def add(self, x):
        self.index.add(x)

    def effort(self, ef):
        self.index.hnsw.efSearch = ef

    def search(self, q, workers):
        faiss.omp_set_num_threads(workers)
        return self.index.search(q, k)[1]


class Hnswlib:
    package = "hnswlib"

    def __init__(self, d):
        self.index = hnswlib.Index(space="l2", dim=d)

    def add(self, x):
        self.index.init_index(max_elements=len(x), M=m, ef_construction=ef_construction, random_seed=1)
        self.index.add_items(x, num_threads=threads)

    def effort(self, ef):
        self.index.set_ef(ef)

    def search(self, q, workers):
        return self.index.knn_query(q, k=k, num_threads=workers)[0]


class Usearch:
    package = "usearch"

    def __init__(self, d):
        self.index = Index(ndim=d, metric="l2sq", dtype="f32", connectivity=m, expansion_add=ef_construction)

    def add(self, x):
        self.index.add(np.arange(len(x)), x, threads=threads)

    def effort(self, ef):
        self.index.expansion_search = ef

    def search(self, q, workers):
        keys = self.index.search(q, k, threads=workers).keys
        return keys if keys.ndim == 2 else keys[None]


def per_second(do):
    best = 0.0
    for _ in range(3):
        started = time.perf_counter()
        answer = do()
        best = max(best, len(queries) / (time.perf_counter() - started))
    return best, answer


folder, m, ef_construction = request["Vectors"], request["M"], request["EfConstruction"]
k, threads = request["K"], request["Threads"]
base = np.load(os.path.join(folder, "base.npy"), mmap_mode="r")
queries = np.ascontiguousarray(np.load(os.path.join(folder, "queries.npy")), np.float32)
truth = np.fromfile(os.path.join(folder, "truth.ivecs"), np.int32).reshape(len(queries), k + 1)[:, 1:]
if request["MemoryAlone"]:
    watch = Watch()
    watch.start()
library = {"FAISS": FAISS, "hnswlib": Hnswlib, "usearch": Usearch}[engine](base.shape[1])
record = {"Version": version(library.package), "Dimensions": base.shape[1]}
started, before = time.perf_counter(), cpu()
library.add(base)
record["Build"], record["BuildCPU"] = time.perf_counter() - started, cpu() - before
if request["MemoryAlone"]:
    record["Memory"], record["Held"] = watch.stop()
    print(json.dumps(record))
    sys.exit()
for ef, name in zip(request["Efforts"], ("50", "200")):
    library.effort(ef)
    record["Single" + name], _ = per_second(lambda: [library.search(q[None], 1) for q in queries])
    record["Batch" + name], found = per_second(lambda: library.search(queries, threads))
    record["Overlap" + name] = float(np.mean([len(np.intersect1d(a, b)) / k for a, b in zip(found.astype(np.int64), truth)]))
if engine == "FAISS":
    faiss.omp_set_num_threads(threads)
    flat = faiss.IndexFlatL2(base.shape[1])
    flat.add(base)
    record["Exact"], _ = per_second(lambda: flat.search(queries, k))
print(json.dumps(record))
