"""Writes Parquet files of every kind that pyarrow can write, each with the matrix that pyarrow reads back: FOLDER

FOLDER/index.tsv has a line for each: file, column to name ("" where there is only one) and its type. The matrix, as
float32, is in FILE.npy. Random values, seed 0; n and d are drawn for each file.
"""
import itertools
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

out = sys.argv[1]
random = np.random.default_rng(0)
index = []

TYPES = ["float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
CODECS = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]
PAGES = ["1.0", "2.0"]
DICTIONARY, FALLBACK = {}, {"dictionary_pagesize_limit": 64}


def encodings(kind):
    yield DICTIONARY
    yield FALLBACK
    plain = ["PLAIN"] if kind == "float16" else ["PLAIN", "BYTE_STREAM_SPLIT"]
    for name in plain + (["DELTA_BINARY_PACKED"] if "int" in kind else []):
        yield {"use_dictionary": False, "column_encoding": name}


def values(kind, n, d):
    """Random numbers of the type, the extremes too; from a small pool every other time, so that dictionaries serve."""
    if "int" in kind:
        limits = np.iinfo(kind)
        x = random.integers(limits.min, limits.max, (n, d), kind, endpoint=True)
        x.flat[0], x.flat[-1] = limits.min, limits.max
    else:
        x = (random.standard_normal((n, d)) * 10.0 ** random.integers(-6, 5)).astype(kind)
        x.flat[0], x.flat[-1] = -0.0, np.finfo(kind).tiny / 4
    pool = random.random() < 0.5
    return x.flat[random.integers(0, min(x.size, 11), (n, d))] if pool else x


def lists(x, nesting):
    """The column in one of the nestings that Arrow has, and the name that chooses it."""
    flat, d = pa.array(x.ravel()), x.shape[1]
    offsets = np.arange(0, x.size + 1, d)
    if nesting == "fixed":
        return pa.FixedSizeListArray.from_arrays(flat, d), ""
    if nesting == "large":
        return pa.LargeListArray.from_arrays(offsets.astype("i8"), flat), ""
    column = pa.ListArray.from_arrays(offsets.astype("i4"), flat)
    if nesting == "required":
        kind = pa.list_(pa.field("element", column.type.value_type, nullable=False))
        return pa.ListArray.from_arrays(offsets.astype("i4"), flat, type=kind), ""
    if nesting == "struct":
        half = pa.ListArray.from_arrays(np.arange(x.shape[0] + 1, dtype="i4"), flat[: x.shape[0]])
        return pa.StructArray.from_arrays([half, column], ["sparse", "dense"]), "vector.dense"
    return column, ""


def read(path, member, kind):
    """The matrix that pyarrow reads."""
    column = pq.read_table(path, page_checksum_verification=True).column("vector" if member == "vector.dense" else 0)
    if member == "vector.dense":
        column = column.combine_chunks().field("dense")
    return np.array(column.to_pylist(), kind)


def write(name, column, member, kind, **options):
    file = f"{name}.parquet"
    fields = [pa.field("vector", column.type, nullable=options.pop("nullable", True))]
    table = pa.Table.from_arrays([column], schema=pa.schema(fields))
    if encoding := options.get("column_encoding"):
        leaf = "item" if options.get("use_compliant_nested_type") is False else "element"
        leaves = [f"vector.{part}list.{leaf}" for part in (("sparse.", "dense.") if member else ("",))]
        options["column_encoding"] = {path: encoding for path in leaves}
    pq.write_table(table, f"{out}/{file}", **options)
    np.save(f"{out}/{file}.npy", read(f"{out}/{file}", member, kind).astype("f4"))
    stored = "int64" if kind == "uint32" and options.get("version") == "1.0" else kind  # Parquet 1.0 has no uint32
    index.append((file, member, stored))


LAYOUTS = [
    {}, {"data_page_size": 64, "write_batch_size": 3}, {"row_group_size": 7}, {"row_group_size": 1, "write_page_index": True},
    {"write_page_checksum": True}, {"store_schema": False}, {"version": "1.0"}, {"version": "2.4", "write_statistics": False},
    {"use_compliant_nested_type": False}, {"write_page_checksum": True, "write_page_index": True, "data_page_size": 100, "write_batch_size": 5},
    {"nullable": False},
]
NESTINGS = ["list", "fixed", "large", "required", "struct"]
grid = itertools.product(TYPES, CODECS, PAGES)
for number, (kind, codec, page) in enumerate(grid):
    for e, encoding in enumerate(encodings(kind)):
        layout = LAYOUTS[(number + 3 * e) % len(LAYOUTS)]
        if layout.get("version") == "1.0" and kind == "float16":
            layout = {}
        x = values(kind, int(random.integers(1, 60)), int(random.integers(1, 9)))
        column, member = lists(x, NESTINGS[(number + e) % len(NESTINGS)])
        write(f"{kind}_{codec}_v{page[0]}_{e}", column, member, kind, compression=codec, data_page_version=page, **encoding, **layout)

# A page of more than a batch of values, rows that span pages, and a dictionary that is given up in mid-chunk.
for codec, page in itertools.product(CODECS, PAGES):
    x = values("float32", 3000, 37)
    write(f"long_{codec}_v{page[0]}", lists(x, "list")[0], "", "float32", compression=codec, data_page_version=page,
          data_page_size=5000, dictionary_pagesize_limit=20000, write_batch_size=1000, row_group_size=2500)

with open(f"{out}/index.tsv", "w") as file:
    file.writelines("\t".join(line) + "\n" for line in index)
