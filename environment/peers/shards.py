"""Writes the same kinds of vectors in shards of each format: FOLDER

FOLDER/npy, fbin, u8bin, i8bin, parquet, double: three shards of 40, 1 and 23 rows of 6 numbers, some with a file that is not a shard.
FOLDER/NAME.npy: all rows as float32, as NumPy or pyarrow reads them from these shards.
"""
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

out = sys.argv[1]
random = np.random.default_rng(11)
cuts = [0, 40, 41, 64]


def folder(name, rows, extension, write, read):
    os.makedirs(f"{out}/{name}")
    parts = []
    for i in range(3):
        path = f"{out}/{name}/part-{i}.{extension}"
        write(path, rows[cuts[i] : cuts[i + 1]])
        parts.append(read(path))
    np.save(f"{out}/{name}.npy", np.concatenate(parts).astype("<f4"))


def binary(path, rows):
    with open(path, "wb") as stream:
        stream.write(np.array(rows.shape, "<u4").tobytes() + rows.tobytes())


def unbinary(kind):
    def read(path):
        n, d = np.fromfile(path, "<u4", 2)
        return np.fromfile(path, kind, offset=8).reshape(n, d)

    return read


def lists(path, rows):
    table = pa.table({"id": range(len(rows)), "vector": pa.array(list(rows), pa.list_(pa.from_numpy_dtype(rows.dtype)))})
    pq.write_table(table, path, row_group_size=9, data_page_size=100, write_page_checksum=True)


def unlists(path):
    return np.stack(pq.read_table(path)["vector"].to_numpy(zero_copy_only=False))


floats = random.standard_normal((64, 6)).astype("f4")
folder("npy", floats.astype("f2"), "npy", np.save, np.load)
folder("double", random.standard_normal((64, 6)).astype(">f8"), "npy", np.save, np.load)
folder("fbin", floats, "fbin", binary, unbinary("<f4"))
folder("u8bin", random.integers(0, 256, (64, 6)).astype("u1"), "u8bin", binary, unbinary("u1"))
folder("i8bin", random.integers(-128, 128, (64, 6)).astype("i1"), "i8bin", binary, unbinary("i1"))
folder("parquet", floats, "parquet", lists, unlists)
for name in ["npy/part-0.csv", "parquet/_SUCCESS", "fbin/.part-9.fbin"]:
    with open(f"{out}/{name}", "w") as stream:
        stream.write("not a shard")
