"""Writes 4 × 3 embeddings in every format that is read, and files that must be refused: FOLDER

The numbers are 0 … 11 divided by 4, which float32, float64 and (times 4) uint8 hold exactly.
"""
import sys

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

out = sys.argv[1]
x = np.arange(12, dtype=np.float32).reshape(4, 3) / 4


def vecs(name, rows):
    with open(f"{out}/{name}", "wb") as file:
        for row in rows:
            np.int32(len(row)).tofile(file)
            row.tofile(file)


vecs("good.fvecs", x)
vecs("good.bvecs", (4 * x).astype(np.uint8))
vecs("ragged.fvecs", [x[0], x[1], x[2, :2]])
nan = x.copy()
nan[2, 1] = np.nan
vecs("nan.fvecs", nan)


def parquet(name, columns, **options):
    pq.write_table(pa.table(columns), f"{out}/{name}.parquet", **options)


def lists(rows, number=pa.float32()):
    return pa.array([row.tolist() if row is not None else None for row in rows], pa.list_(number))


words = pa.array(["a", "b", "c", "d"])
fixed = pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), 3)
parquet("variable", {"word": words, "vector": lists(x), "age": pa.array([1.0, 2, 3, 4])})
parquet("null_word", {"word": pa.array(["a", None])})
parquet("two_words", {"word": words, "class": words})
parquet("fixed", {"word": words, "vector": fixed})
parquet("double", {"vector": lists(x, pa.float64())}, compression="zstd", use_dictionary=False)
parquet("groups", {"vector": lists(x)}, row_group_size=1, data_page_version="2.0", compression="gzip")
parquet("split", {"vector": lists(x)}, use_dictionary=False, column_encoding="BYTE_STREAM_SPLIT", compression="lz4")
parquet("two", {"vector": lists(x), "other": lists(2 * x)})
parquet("no_list", {"word": words, "number": pa.array([1.0, 2, 3, 4])})
parquet("int_list", {"vector": lists((4 * x).astype(np.int64), pa.int64())})
parquet("null_row", {"vector": lists([x[0], None, x[2]])})
parquet("null_number", {"vector": pa.array([[1.0, 2.0], [3.0, None]], pa.list_(pa.float32()))})
parquet("empty_list", {"vector": pa.array([[1.0, 2.0], [3.0, 4.0], []], pa.list_(pa.float32()))})
parquet("ragged", {"vector": lists([x[0], x[1, :2], x[2]])})
parquet("nan", {"vector": lists(nan)})
parquet("too_large", {"vector": lists([np.array([1e300, 0])], pa.float64())})
parquet("zero_rows", {"vector": lists([])})


def hdf5(name, sets, version=None, **options):
    with h5py.File(f"{out}/{name}.hdf5", "w", libver=version) as file:
        file.attrs["distance"] = "euclidean"
        for key, value in sets.items():
            file.create_dataset(key, data=value, **options)


rest = {"test": x[:2], "neighbors": np.zeros((2, 5), np.int32), "distances": np.zeros((2, 5), np.float32)}
hdf5("plain", {"train": x} | rest)
hdf5("packed", {"train": x.astype(np.float64)}, compression="gzip", shuffle=True, chunks=(3, 2))
hdf5("v110", {"train": x} | rest, version=("v110", "v110"))
hdf5("no_train", rest)
hdf5("numbers", {"train": (4 * x).astype(np.int32)})
hdf5("vector", {"train": x.ravel()})
hdf5("zero_rows", {"train": x[:0]})
hdf5("nan", {"train": nan})

# Several blocks of rows, in chunks that do not divide them.
large = np.random.default_rng(0).standard_normal((9000, 512), dtype=np.float32)
np.save(f"{out}/large.npy", large)
hdf5("large", {"train": large}, chunks=(1000, 300), compression="gzip", compression_opts=1)
pq.write_table(pa.table({"vector": pa.FixedSizeListArray.from_arrays(pa.array(large.ravel()), 512)}), f"{out}/large.parquet")
