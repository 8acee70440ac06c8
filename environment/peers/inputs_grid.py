"""Writes vectors in the formats of big-ann-benchmarks, Parquet files of one matrix, and exact neighbours: FOLDER

The standard output is a JSON list of cases: name, path (relative to FOLDER), kind (vectors or truth), says (part of the error that is
expected of a reader, which must name file; empty if it must read FOLDER/NAME.npy) and notes (part of what it must report).
"""
import json
import os
import sys

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

out = sys.argv[1]
random = np.random.default_rng(3)
cases = []


def case(name, path, says="", want=None, kind="vectors", file=None, notes=""):
    if not says:
        np.save(f"{out}/{name}.npy", want)
    cases.append({"name": name, "path": path, "kind": kind, "says": says, "file": file or path, "notes": notes})


# big-ann-benchmarks: the number of rows and of columns as uint32, then the numbers.
def binary(name, array, n=None, d=None, cut=None, more=b"", says="", want=None, extension=None, notes="", kind="vectors"):
    extension = extension or {"f4": "fbin", "u1": "u8bin", "i1": "i8bin", "i4": "ibin"}[array.dtype.str[1:]]
    head = np.array([array.shape[0] if n is None else n, array.shape[1] if d is None else d], "<u4")
    with open(f"{out}/{name}.{extension}", "wb") as stream:
        stream.write((head.tobytes() + array.tobytes() + more)[:cut])
    want = array.astype("i4" if kind == "truth" else "f4") if want is None else want
    case(name, f"{name}.{extension}", says, want, kind=kind, notes=notes)


x = random.standard_normal((7, 5), "f4")
bytes_ = random.integers(0, 256, (6, 9)).astype("u1")
signed = random.integers(-128, 128, (300, 3)).astype("i1")
signed[0] = -128, 127, -1
binary("bin-f", x)
binary("bin-u8", bytes_, notes="uint8 converted")
binary("bin-i8", signed, notes="int8 converted")
binary("bin-one", x[:1, :1])
binary("bin-cut-row", x, cut=-20, says="its header, which announces 7 × 5 numbers of type float32: 140 bytes")
binary("bin-cut-byte", signed, cut=-1, says="900 bytes")
binary("bin-cut-head", x, cut=7, says="ends within its header")
binary("bin-cut-all", x, cut=0, says="is empty")
binary("bin-longer", bytes_, more=b"\0", says="holds 55 bytes after its header")
binary("bin-other-float", x, extension="u8bin", says="the size of a .fbin file")
binary("bin-other-byte", bytes_, extension="fbin", says="the size of an .i8bin or .u8bin file")
binary("bin-rows", x, n=0, says="announces 0 × 5")
binary("bin-columns", x, d=0, says="announces 7 × 0")
binary("bin-wide", x, d=1 << 20, says="announces 7 × 1048576")
binary("bin-huge", x, n=(1 << 32) - 1, says="announces 4294967295 × 5")
bad = x.copy()
bad[4, 2] = np.nan
binary("bin-nan", bad, says="row 4, column 2 is NaN")
bad[4, 2] = -np.inf
binary("bin-infinite", bad, says="row 4, column 2 is -Inf")
with open(f"{out}/bin-magic.fbin", "wb") as stream:
    np.lib.format.write_array(stream, x)
case("bin-magic", "bin-magic.fbin", "is a NumPy array by its first bytes")


# Parquet files of one matrix.
def lists(rows, kind="f4"):
    return pa.array([row.tolist() for row in rows], pa.list_(pa.from_numpy_dtype(np.dtype(kind))))


def shards(folder, files):
    os.makedirs(f"{out}/{folder}", exist_ok=True)
    for name, columns in files.items():
        pq.write_table(pa.table(columns), f"{out}/{folder}/{name}")


y = random.standard_normal((50, 4), "f4")
parts = {"part-2.parquet": y[30:], "part-0.parquet": y[:13], "part-1.pq": y[13:30]}
shards("plain", {name: {"vector": lists(rows), "id": pa.array(range(len(rows)))} for name, rows in parts.items()})
case("shards-folder", "plain", want=y, notes="3 files, part-0.parquet to part-2.parquet, 50 rows")
case("shards-slash", "plain/", want=y)
case("shards-member", "plain:vector", want=y)
case("shards-pattern", "plain/part-[02].parquet", want=np.concatenate([y[:13], y[30:]]), notes="2 files")
case("shards-pattern-member", "pl*n/*.parquet:vector", want=np.concatenate([y[:13], y[30:]]))
case("shards-one", "plain/*-1.pq", want=y[13:30], notes="17 rows")
shards("two", {"a.parquet": {"vector": lists(y), "other": lists(2 * y)}, "b.parquet": {"other": lists(3 * y), "vector": lists(4 * y)}})
case("shards-two", "two:other", want=np.concatenate([2 * y, 3 * y]))
case("shards-bytes", "bytes", want=np.concatenate([bytes_, bytes_]).astype("f4"), notes="uint8 converted to float32, every value exactly")
shards("bytes", {name: {"vector": lists(bytes_, "u1")} for name in ("a.parquet", "b.parquet")})

# As Spark writes them: a folder that is named like a file, an empty part, checksums and marks.
shards("spark.parquet", {"part-00000.snappy.parquet": {"vector": lists(y[:0])}, "part-00001.snappy.parquet": {"vector": lists(y)}})
for name in ("_SUCCESS", ".part-00001.snappy.parquet.crc", "_metadata.parquet", ".hidden.parquet", "README.md"):
    open(f"{out}/spark.parquet/{name}", "w").write("x")
os.makedirs(f"{out}/spark.parquet/year=2024")
case("shards-spark", "spark.parquet", want=y, notes="the folders in it are not searched")
case("shards-spark-member", "spark.parquet:vector", want=y)

case("shards-none", "none", "is a folder without .parquet or .pq files")
os.makedirs(f"{out}/none/below.parquet")
case("shards-no-match", "plain/x*.parquet", "no file has a name that matches")
case("shards-no-pattern", "plain/[.parquet", "syntax error in pattern")
case("shards-any", "plain/*", "a pattern of several files must end in .parquet or .pq")
first = {"a.parquet": {"vector": lists(y)}}
for name, says, columns in (
    ("type", "its numbers are of type float64, those of", {"vector": lists(y, "f8")}),
    ("dimension", "its rows have 3 dimensions, those of the files before it 4", {"vector": lists(y[:, :3])}),
    ("column", "its column of vectors is other, that of", {"other": lists(y)}),
    ("columns", "has 2 columns of lists of numbers", {"vector": lists(y), "other": lists(y)}),
    ("no-column", "has no column of lists of numbers", {"id": pa.array([1])}),
    ("nan", "row 1, column 0 is NaN", {"vector": lists(np.array([[0, 0, 0, 0], [np.nan, 0, 0, 0]], "f4"))}),
    ("ragged", "row 1 has 2 dimensions", {"vector": pa.array([[1, 2, 3, 4], [1, 2]], pa.list_(pa.float32()))}),
    ("null", "row 1 is or holds a null", {"vector": pa.array([[1, 2, 3, 4], None], pa.list_(pa.float32()))}),
):
    shards(name, first | {"b.parquet": columns})
    case(f"shards-{name}", name, says, file=f"{name}/b.parquet")
case("shards-no-member", "column:vector", "column \"vector\"", file="column/b.parquet:vector")
shards("empty", {"a.parquet": {"vector": lists(y[:0])}, "b.parquet": {"vector": lists(y[:0])}})
case("shards-all-empty", "empty", "shape 0 × 0")
for name, data, says in (("cut", None, "does not end in PAR1"), ("garbage", b"PAR1 and no more", "not a Parquet file"), ("other", b"\x89HDF\r\n\x1a\n", "is an HDF5 file"), ("zero", b"", "is empty")):
    shards(name, first)
    data = open(f"{out}/{name}/a.parquet", "rb").read()[:-9] if data is None else data
    open(f"{out}/{name}/b.parquet", "wb").write(data)
    case(f"shards-{name}", name, says, file=f"{name}/b.parquet")

# Exact neighbours.
ids = np.array([random.permutation(200)[:6] for _ in range(9)], "<i4")
far = ids.astype("i8")
far[8, 5] = (1 << 31) - 1


def vecs(name, rows, says="", cut=None):
    data = b"".join(np.int32(len(row)).tobytes() + row.tobytes() for row in rows)[:cut]
    open(f"{out}/{name}.ivecs", "wb").write(data)
    case(name, f"{name}.ivecs", says, ids, "truth")


vecs("truth-ivecs", ids)
vecs("truth-cut", ids, "row 8: is cut short", -4)
vecs("truth-ragged", [ids[0], ids[1, :5]], "row 1 has 5 neighbours, the rows before it 6")
vecs("truth-no-columns", [ids[0, :0]], "row 0 announces 0 neighbours")
vecs("truth-zero", [], "is empty")
binary("truth-ibin", ids, kind="truth")
binary("truth-ibin-distances", ids, more=random.random((9, 6), "f4").tobytes(), kind="truth")
binary("truth-ibin-cut", ids, cut=-1, says="9 × 6 IDs: 216 bytes, or 432 with distances", kind="truth")
with h5py.File(f"{out}/truth.hdf5", "w") as store:
    store["neighbors"], store["long"], store["big"] = ids, ids.astype("i8"), far.astype(">u4")
    store.create_dataset("packed", data=ids, compression="gzip", chunks=(2, 4))
    store["distances"], store["short"], store["vector"] = random.random((9, 6), "f4"), ids.astype("i2"), ids[0]
    store["beyond"], store["negative"] = far + (far >> 30), ids - 1000
    store.create_dataset("unwritten", (9, 6), "i4")
case("truth-hdf5", "truth.hdf5", want=ids, kind="truth")
for name in ("neighbors", "long", "packed"):
    case(f"truth-hdf5-{name}", f"truth.hdf5:{name}", want=ids, kind="truth")
case("truth-hdf5-big", "truth.hdf5:big", want=far.astype("i4"), kind="truth")
for name, says in (("distances", "integers of 32 or 64 bits is expected"), ("short", "integers of 32 or 64 bits"), ("vector", "integers of 32 or 64 bits"), ("none", "no data set \"none\""),
                   ("beyond", "row 8, neighbour 5 is 2147483648"), ("negative", "row 0, neighbour 0 is -"), ("unwritten", "54 of 54 IDs were never written")):
    case(f"truth-hdf5-{name}", f"truth.hdf5:{name}", says, kind="truth")
for name, array, says in (("i4", ids, ""), ("i8", ids.astype("i8"), ""), ("u4-big", ids.astype(">u4"), ""), ("float", ids.astype("f4"), "of type float32; IDs are integers"),
                          ("i2", ids.astype("i2"), "of type int16"), ("fortran", np.asfortranarray(ids), "column by column"), ("beyond", far + 1, "row 8, neighbour 5 is 2147483648")):
    np.save(f"{out}/ids-{name}.npy", array)
    case(f"truth-npy-{name}", f"ids-{name}.npy", says, ids, "truth")
case("truth-npy-member", "ids-i4.npy:x", "there is no \"x\" to choose", kind="truth")
open(f"{out}/ids.txt", "w").write("1 2 3\n")
case("truth-text", "ids.txt", "exact neighbours are read from .ivecs, .ibin, .hdf5 (.h5) and .npy", kind="truth")
case("truth-none", "none.ivecs", "no such file", kind="truth")
print(json.dumps(cases))
