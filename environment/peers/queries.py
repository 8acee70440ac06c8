"""Writes a base, queries of another distribution and their exact neighbours as ann-benchmarks does, and as other files: FOLDER

For each metric (l2, cosine, ip) FOLDER/METRIC.hdf5 has train, test, neighbors and distances. The neighbours are those of float32
matrix products, as programs compute a truth; FOLDER/METRIC.npy holds those of double precision. Each third vector of the base is a copy.
"""
import os
import sys

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

out, n, d, q, k = sys.argv[1], 600, 12, 40, 30
random = np.random.default_rng(8)
base = random.standard_normal((n, d)) * np.exp(random.standard_normal((n, 1)))
base[::3] = base[1::3]
base = base.astype("f4")
queries = (random.standard_normal((q, d)) + 0.5).astype("f4")


def distances(metric, a, b):
    if metric == "cosine":
        a, b = a / np.linalg.norm(a, axis=1, keepdims=True), b / np.linalg.norm(b, axis=1, keepdims=True)
    product = a @ b.T
    return -product if metric == "ip" else (a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * product


def vecs(name, rows):
    with open(f"{out}/{name}", "wb") as stream:
        for row in rows:
            stream.write(np.int32(len(row)).tobytes() + np.ascontiguousarray(row).tobytes())


def binary(name, rows):
    with open(f"{out}/{name}", "wb") as stream:
        stream.write(np.array(rows.shape, "<u4").tobytes() + np.ascontiguousarray(rows).tobytes())


def hdf5(name, **sets):
    with h5py.File(f"{out}/{name}.hdf5", "w") as store:
        for key, value in sets.items():
            store[key] = value


truth = {}
for metric in ("l2", "cosine", "ip"):
    values = distances(metric, queries, base)
    truth[metric] = np.argsort(values, axis=1, kind="stable")[:, :k].astype("i4")
    hdf5(metric, train=base, test=queries, neighbors=truth[metric], distances=np.take_along_axis(values, truth[metric], 1))
    np.save(f"{out}/{metric}.npy", np.argsort(distances(metric, queries.astype("f8"), base.astype("f8")), axis=1, kind="stable")[:, :k].astype("i4"))

ids = truth["l2"]
vecs("base.fvecs", base)
vecs("queries.fvecs", queries)
binary("queries.fbin", queries)
np.save(f"{out}/queries.npy", queries)
pq.write_table(pa.table({"a": pa.FixedSizeListArray.from_arrays(pa.array(queries.ravel()), d), "b": pa.array(queries[:, ::-1].tolist())}), f"{out}/queries.parquet")
binary("base.fbin", base)
os.mkdir(f"{out}/base")
for part, rows in enumerate((base[:250], base[250:])):
    pq.write_table(pa.table({"id": pa.array(range(len(rows))), "x": pa.array(rows.tolist(), pa.list_(pa.float32())), "y": pa.array((-rows).tolist())}), f"{out}/base/{part}.parquet")
vecs("truth.ivecs", ids)
binary("truth.ibin", ids)

# Truths and queries that are refused.
farther = ids.copy()
farther[:, k - 1] = np.argsort(-distances("l2", queries, base), axis=1)[:, 0]  # the point that is farthest away
vecs("farther.ivecs", farther)
one = ids.copy()
one[17, 3] = farther[17, k - 1]
vecs("one.ivecs", one)
vecs("short.ivecs", ids[:, :5])
vecs("rows.ivecs", ids[:-1])
far = ids.copy()
far[39, 2] = n
vecs("outside.ivecs", far)
far[39, 2] = far[39, 1]
vecs("repeated.ivecs", far)
vecs("narrow.fvecs", queries[:, :5])
zero = queries.copy()
zero[11] = 0
vecs("zero.fvecs", zero)
zero[11, 3] = np.nan
vecs("nan.fvecs", zero)
hdf5("few", train=base, test=queries, neighbors=ids[:, :5])
hdf5("wrong", train=base, test=queries, neighbors=farther)
hdf5("float", train=base, test=queries, neighbors=ids.astype("f4"))
hdf5("notruth", train=base, test=queries)
hdf5("cut", train=base, test=queries, neighbors=ids)
data = open(f"{out}/cut.hdf5", "rb").read()
open(f"{out}/cut.hdf5", "wb").write(data[:-500])

# The neighbours of the points themselves, without and with the points.
own = distances("l2", base.astype("f8"), base.astype("f8"))
np.fill_diagonal(own, -1)
own = np.argsort(own, axis=1, kind="stable")[:, :k].astype("i4")
vecs("self.ivecs", own[:, 1:])
vecs("itself.ivecs", own)
