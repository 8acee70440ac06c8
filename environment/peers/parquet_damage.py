"""Damages small Parquet files at random places, and writes what pyarrow reads from each: FOLDER TIMES SEED

FOLDER/index.tsv has a line for each: file, the undamaged file, "read" or "refused". FILE.npy is the matrix that
pyarrow reads, FILE.txt its strings, each ended by a zero byte; nulls, rows of several lengths and values that are not
finite count as refused. Checksums are verified where the file has them.
"""
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

out, times = sys.argv[1], int(sys.argv[2])
random = np.random.default_rng(int(sys.argv[3]))
index = []
x = (random.standard_normal((60, 8)) * 3).astype("f4")
pool = x.ravel()[random.integers(0, 20, (60, 8))]
whole = random.integers(-100, 100, (60, 8))
words = [f"word {n} " * (n % 4) for n in random.integers(0, 40, 150)]

FILES = {
    "plain": (x, dict(compression="none", use_dictionary=False)),
    "plain_crc": (x, dict(compression="none", use_dictionary=False, write_page_checksum=True)),
    "dictionary_crc": (pool, dict(compression="snappy", write_page_checksum=True, data_page_version="2.0")),
    "dictionary": (pool, dict(compression="snappy", row_group_size=25)),
    "snappy": (x, dict(compression="snappy", use_dictionary=False)),
    "zstd": (x, dict(compression="zstd", data_page_size=300, write_batch_size=20)),
    "gzip_crc": (x, dict(compression="gzip", write_page_checksum=True, use_dictionary=False)),
    "brotli": (pool, dict(compression="brotli", data_page_version="2.0")),
    "lz4": (pool, dict(compression="lz4", use_dictionary=False, data_page_version="2.0")),
    "split": (x, dict(compression="zstd", use_dictionary=False, column_encoding="BYTE_STREAM_SPLIT")),
    "delta": (whole, dict(compression="none", use_dictionary=False, column_encoding="DELTA_BINARY_PACKED", data_page_version="2.0")),
    "int8": (whole.astype("i1"), dict(compression="none", write_page_index=True)),
    "words": (words, dict(compression="snappy")),
    "words_plain": (words, dict(compression="zstd", use_dictionary=False)),
    "words_length": (sorted(words), dict(compression="none", use_dictionary=False, column_encoding="DELTA_LENGTH_BYTE_ARRAY")),
    "words_delta": (sorted(words), dict(compression="none", use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY", data_page_version="2.0")),
}


def matrix(column):
    """The finite matrix of a column of lists, or None."""
    if not pa.types.is_list(column.type) or column.null_count or column.flatten().null_count:
        return None
    lengths = np.diff(column.offsets.to_numpy())
    with np.errstate(over="ignore"):
        flat = column.flatten().to_numpy(zero_copy_only=False).astype("f4")
    if len(lengths) == 0 or lengths[0] == 0 or not (lengths == lengths[0]).all() or not np.isfinite(flat).all():
        return None
    return flat.reshape(len(lengths), -1)


def read(path):
    """Writes what pyarrow reads beside the file, if it reads something."""
    try:
        table = pq.read_table(path, page_checksum_verification=True)
        column = table.column(0).combine_chunks()
        if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
            text = "".join(word + "\0" for word in column.cast(pa.string()).to_pylist())
            with open(path + ".txt", "w", newline="") as file:
                file.write(text)
            return True
        if (rows := matrix(column)) is not None:
            np.save(path + ".npy", rows)
        return rows is not None
    except Exception:  # pyarrow raises many kinds for damaged files
        return False


def damaged(data):
    """A copy with a bit flipped, some bytes zeroed or drawn, or the end cut off."""
    at = int(random.integers(len(data)))
    # A third of the damages are in the first bytes, which are headers.
    if random.random() < 0.3:
        at = int(random.integers(min(60, len(data))))
    copy = bytearray(data)
    kind = random.random()
    if kind < 0.5:
        copy[at] ^= 1 << int(random.integers(8))
    elif kind < 0.7:
        copy[at:at + 3] = bytes(len(copy[at:at + 3]))
    elif kind < 0.95:
        copy[at] = int(random.integers(256))
    else:
        return bytes(copy[:at])
    return bytes(copy)


for name, (rows, options) in FILES.items():
    good = f"{out}/{name}.parquet"
    column = pa.array(rows) if isinstance(rows, list) else pa.array(rows.tolist(), pa.list_(pa.from_numpy_dtype(rows.dtype)))
    pq.write_table(pa.table({"v": column}), good, store_schema=False, **options)
    assert read(good)
    data = open(good, "rb").read()
    for i in range(times):
        path = f"{out}/{name}_{i}.parquet"
        with open(path, "wb") as file:
            file.write(damaged(data))
        index.append((f"{name}_{i}.parquet", f"{name}.parquet", "read" if read(path) else "refused"))

with open(f"{out}/index.tsv", "w") as file:
    file.writelines("\t".join(line) + "\n" for line in index)
