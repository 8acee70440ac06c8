"""Writes the graph of an HNSW index, and its answers: faiss|hnswlib POINTS.npy M EF_CONSTRUCTION STEP EFS KS

Builds the index on one thread, and for every efSearch of EFS and k of KS (comma-separated; none: no search) asks for k + 1
neighbours of every STEP-th point. Writes graph.hnsw (lib/hnsw/file.go), ids_EF_K.bin (int32, −1 for an empty slot)
and, at the first efSearch, squared_EF_K.bin (float32). hnswlib is exported from its own file.
"""
import os
import struct
import sys

import graph_file
import numpy as np


class Faiss:
    def __init__(self, x, m, ef_construction):
        import faiss

        faiss.omp_set_num_threads(1)
        self.index = faiss.IndexHNSWFlat(x.shape[1], m)
        self.index.hnsw.efConstruction = ef_construction
        self.index.add(x)
        hnsw = self.index.hnsw
        self.levels, self.links = faiss.vector_to_array(hnsw.levels) - 1, faiss.vector_to_array(hnsw.neighbors)
        self.entry_point = hnsw.entry_point

    def search(self, queries, k, ef):
        self.index.hnsw.efSearch = ef
        squared, ids = self.index.search(queries, k)
        return ids, squared


class Hnswlib:
    def __init__(self, x, m, ef_construction):
        import hnswlib  # compiled by environment/setup.sh bench, may be missing

        self.index = hnswlib.Index("l2", x.shape[1])
        self.index.init_index(len(x), M=m, ef_construction=ef_construction, random_seed=42)
        self.index.add_items(x, num_threads=1)
        self.index.save_index("index")
        self.read(open("index", "rb").read(), m)
        os.remove("index")

    def read(self, data, m):
        """hnswlib keeps a list as its length (16 bits in a word of 32) and its slots; level 0 within the points' records."""
        _, _, n, size, label, _, _, self.entry_point = struct.unpack_from("<QQQQQQii", data)
        at, levels, links = 96, np.zeros(n, np.uint8), []

        def slots(offset, count):
            length = struct.unpack_from("<H", data, offset)[0]
            row = np.frombuffer(data, "<u4", length, offset + 4).astype(np.int32)
            return np.append(row, np.full(count - length, -1, np.int32))

        for i in range(n):
            assert struct.unpack_from("<Q", data, at + i * size + label)[0] == i  # points keep their order
            links.append([slots(at + i * size, 2 * m)])
        at += n * size
        for i in range(n):
            length = struct.unpack_from("<I", data, at)[0]
            levels[i] = length // (4 * m + 4)
            links[i] += [slots(at + 4 + level * (4 * m + 4), m) for level in range(levels[i])]
            at += 4 + length
        assert at == len(data)
        self.levels, self.links = levels, np.concatenate([row for rows in links for row in rows])

    def search(self, queries, k, ef):
        self.index.set_ef(ef)
        return self.index.knn_query(queries, k, num_threads=1)


engine, path = sys.argv[1:3]
m, ef_construction, step = (int(s) for s in sys.argv[3:6])
efs, ks = ([int(s) for s in arg.split(",") if s] for arg in sys.argv[6:8])
x = np.load(path)
index = {"faiss": Faiss, "hnswlib": Hnswlib}[engine](x, m, ef_construction)
graph_file.write("graph.hnsw", m, ef_construction, index.levels, index.links, index.entry_point)
for ef in efs:
    for k in ks:
        ids, squared = index.search(x[::step], k + 1, ef)
        ids.astype("<i4").tofile(f"ids_{ef}_{k}.bin")
        if ef == efs[0]:
            squared.astype("<f4").tofile(f"squared_{ef}_{k}.bin")
