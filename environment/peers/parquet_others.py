"""Writes Parquet files like those of other writers, unusual names, and files that must be refused: FOLDER

FOLDER/index.tsv and FILE.npy are as parquet_grid.py writes them, for the files that pyarrow reads as a matrix.
"""
import struct
import sys
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

import parquet_file as by_hand
from parquet_file import DOUBLE, FLOAT, INT32, INT64, LIST, MAP, OPTIONAL, REPEATED, REQUIRED, group, leaf

out = sys.argv[1]
random = np.random.default_rng(1)
x = random.standard_normal((9, 5), "f4")
index = []


def readable(name, member, column=0, kind="float32"):
    """Records the file with what pyarrow reads."""
    file = f"{name}.parquet"
    matrix = np.array(pq.read_table(f"{out}/{file}").column(column).to_pylist(), kind)
    np.save(f"{out}/{file}.npy", matrix.astype("f4"))
    index.append((file, member, kind))


def hand(name, schema, rows=x, kind="float32", read=True, **options):
    by_hand.write(f"{out}/{name}.parquet", schema, rows, **options)
    if read:
        readable(name, "", kind=kind)


listed = [group("v", OPTIONAL, converted=LIST), group("list", REPEATED), leaf("element", OPTIONAL, FLOAT)]

# The nestings of LogicalTypes.md, and of writers before it.
hand("bare", [leaf("v", REPEATED, FLOAT)])
hand("two_levels", [group("v", OPTIONAL, converted=LIST), leaf("array", REPEATED, FLOAT)])
hand("required_list", [group("v", REQUIRED, converted=LIST), group("list", REPEATED), leaf("item", REQUIRED, FLOAT)])
hand("bag", [group("v", OPTIONAL, converted=LIST), group("bag", REPEATED), leaf("array_element", OPTIONAL, DOUBLE)], kind="float64")
hand("three_levels", listed)
for width, converted in ((8, 15), (16, 16), (32, 17)):
    whole = random.integers(-100, 100, (4, 3))
    hand(f"converted_int{width}", [leaf("v", REPEATED, INT32, converted)], whole, f"int{width}")
    hand(f"converted_uint{width}", [leaf("v", REPEATED, INT32, converted - 4)], abs(whole), f"uint{width}")
hand("converted_uint64", [leaf("v", REPEATED, INT64, 14)], abs(whole), "uint64")

# Encodings and codecs.
def dictionary(one):
    pool = np.unique(x)
    indices = b"".join(bytes([1 << 1, np.searchsorted(pool, value)]) for value in x.ravel())
    return by_hand.page(pool.tobytes(), pool.size, lambda body: body, by_hand.PLAIN_DICTIONARY, True) + one(x, by_hand.PLAIN_DICTIONARY, b"\6" + indices)


def streamed(body):
    """Zstandard of unknown content size, as a writer that streams makes it."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        for i in range(0, len(body), 70):
            stream.write(body[i:i + 70])
    return sink.getvalue().to_pybytes()


def codec(name):
    return lambda body: pa.compress(body, name, asbytes=True)


def hadoop(body):
    packed = pa.compress(body, "lz4_raw", asbytes=True)
    return struct.pack(">II", len(body), len(packed)) + packed


hand("old_dictionary", listed, pages=dictionary)
hand("pages", listed, pages=lambda one: one(x[:2]) + one(x[2:3]) + one(x[3:]))
hand("zstd_streamed", listed, codec=6, compress=streamed)
hand("zstd_frames", listed, codec=6, compress=lambda body: codec("zstd")(body[:50]) + codec("zstd")(body[50:]))
wide = np.repeat(random.standard_normal((2000, 10), "f4"), 30, 1)
hand("zstd_blocks", listed, wide, codec=6, compress=streamed)
hand("brotli_zeros", listed, np.zeros((3000, 300), "f4"), codec=4, compress=codec("brotli"))
hand("gzip_zeros", listed, np.zeros((3000, 300), "f4"), codec=2, compress=codec("gzip"))
hand("hadoop_lz4", listed, codec=5, compress=hadoop)
hand("empty_page", listed, pages=lambda one: one(x[:2]) + one(x[:0]) + one(x[2:]))

# Files that must be refused.
hand("lzo", listed, read=False, codec=3)
hand("codec_99", listed, read=False, codec=99)
hand("map", [group("v", OPTIONAL, converted=MAP), group("key_value", REPEATED), leaf("key", REQUIRED, FLOAT)], read=False)
hand("struct_in_list", [group("v", OPTIONAL, converted=LIST), group("array", REPEATED), leaf("x", OPTIONAL, FLOAT)], read=False)
hand("no_list", [group("v", OPTIONAL), group("list", REPEATED), leaf("element", OPTIONAL, FLOAT)], read=False)
hand("children", listed, read=False, root=1 << 30)
hand("negative_children", listed, read=False, root=-5)
hand("false_values", listed, read=False, chunk={5: by_hand.I64(1 << 40)})
hand("false_rows", listed, read=False, footer={3: by_hand.I64(1 << 40)})
hand("false_type", listed, read=False, chunk={1: INT32})
hand("false_statistics", listed, read=False, footer={7: [{1: {}}]}, chunk={12: {5: struct.pack("<f", 1e-3), 6: struct.pack("<f", -1e-3)}})
hand("too_wide_int8", [leaf("v", REPEATED, INT32, 15)], np.array([[1, 300]]), read=False)
for name, code, lie in (("zstd", 6, b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 1 << 40) + b"\1\0\0"), ("snappy", 1, b"\xff\xff\xff\xff\x0f"),
                        ("gzip", 2, zlib.compress(b"", wbits=31)), ("lz4", 7, b"\0"), ("brotli", 4, b"\x3b")):
    hand(f"false_{name}", listed, read=False, codec=code, compress=lambda body, lie=lie: lie)


def huge(one):
    return by_hand.thrift({1: 0, 2: (1 << 31) - 1, 3: 20, 5: {1: 45, 2: 0, 3: 3, 4: 3}}) + b"\1" * 20


for name, code in (("none", 0), ("snappy", 1), ("gzip", 2), ("brotli", 4), ("zstd", 6), ("lz4", 7)):
    hand(f"huge_{name}", listed, read=False, codec=code, pages=huge)


# Files of pyarrow with unusual names and additional columns.
def lists(rows):
    return pa.array([row.tolist() for row in rows], pa.list_(pa.float32()))


odd = ["a:b", "a.b", "a/b", "a b", 'a"b', "a'b", "é漢", ":", "x.npy:y", "v.list.element"]
pq.write_table(pa.table({name: lists(x + i) for i, name in enumerate(odd + [""])}), f"{out}/odd_names.parquet")
for i, name in enumerate(odd):
    pq.write_table(pa.table({"word": pa.array(["w"] * len(x)), name: lists(x + i)}), f"{out}/odd_{i}.parquet")
    readable(f"odd_{i}", name, name)
    readable(f"odd_{i}", "", name)
pq.write_table(pa.table({"": lists(x)}), f"{out}/no_name.parquet")
readable("no_name", "", "")
readable("no_name", ".list.element", "")
with pq.ParquetWriter(f"{out}/empty_groups.parquet", pa.schema([("v", pa.list_(pa.float32()))])) as writer:
    for rows in (x[:0], x[:4], x[:0], x[4:], x[:0]):
        writer.write_table(pa.table({"v": lists(rows)}))
readable("empty_groups", "")
bloom = {"v.list.element": {"ndv": 100}}
pq.write_table(pa.table({"v": lists(x)}), f"{out}/bloom.parquet", bloom_filter_options=bloom, write_page_index=True)
readable("bloom", "")
kind = pa.fixed_shape_tensor(pa.float32(), [5])
pq.write_table(pa.table({"v": pa.ExtensionArray.from_storage(kind, pa.FixedSizeListArray.from_arrays(x.ravel(), 5))}), f"{out}/tensor.parquet")
index.append(("tensor.parquet", "", "float32"))
np.save(f"{out}/tensor.parquet.npy", x)


def write(name, **columns):
    pq.write_table(pa.table(columns), f"{out}/{name}.parquet")


struct_ = pa.struct([("dense", pa.list_(pa.float32())), ("sparse", pa.list_(pa.float32()))])
write("struct", s=pa.array([{"dense": row.tolist(), "sparse": row[:3].tolist()} for row in x], struct_))
write("one_of_struct", s=pa.array([{"dense": row.tolist(), "id": 1} for row in x], pa.struct([("dense", pa.list_(pa.float32())), ("id", pa.int32())])))
readable_struct = pq.read_table(f"{out}/struct.parquet").column("s").combine_chunks()
for member in ("dense", "sparse"):
    np.save(f"{out}/struct_{member}.npy", np.array(readable_struct.field(member).to_pylist(), "f4"))
write("lists_of_lists", v=pa.array([[[1.0, 2.0], [3.0]]]))
write("real_map", v=pa.array([[(1, 2.0)]], pa.map_(pa.int32(), pa.float32())))
write("list_of_structs", v=pa.array([[{"x": 1.0, "y": 2.0}]]))
write("decimals", v=pa.array([[1, 2]], pa.list_(pa.decimal128(5, 2))))
write("booleans", v=pa.array([[True, False]]))
write("dates", v=pa.array([[1, 2]], pa.list_(pa.date32())))
write("strings", v=pa.array([["a", "b"]]))
write("nulls", v=pa.array([[None, None]], pa.list_(pa.null())))
write("null_struct", s=pa.array([{"dense": [1.0]}, None], pa.struct([("dense", pa.list_(pa.float32()))])))
write("columns", **{f"x{i}": x[:, i % 5] for i in range(30)})
write("fixed_null", v=pa.array([[1.0, 2.0], None], pa.list_(pa.float32(), 2)))



class Keys(pe.KmsClient):
    """Wraps keys in nothing."""

    def __init__(self, connection):
        pe.KmsClient.__init__(self)

    def wrap_key(self, key, name):
        return key.hex().encode()

    def unwrap_key(self, key, name):
        return bytes.fromhex(key.decode())


for name, plaintext in (("encrypted", False), ("encrypted_column", True)):
    configuration = pe.EncryptionConfiguration(footer_key="footer", column_keys={"column": ["secret.list.element"]}, plaintext_footer=plaintext)
    properties = pe.CryptoFactory(Keys).file_encryption_properties(pe.KmsConnectionConfig(), configuration)
    pq.write_table(pa.table({"v": lists(x), "secret": lists(-x)}), f"{out}/{name}.parquet", encryption_properties=properties)
index.append(("encrypted_column.parquet", "v", "float32"))
np.save(f"{out}/encrypted_column.parquet.npy", x)

with open(f"{out}/index.tsv", "w") as file:
    file.writelines("\t".join(line) + "\n" for line in index)
