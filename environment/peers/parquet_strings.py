"""Writes Parquet files with a column of strings, of every kind that pyarrow can write: FOLDER

FOLDER/index.tsv has a line for each: file, column, type; FILE.txt has the strings that pyarrow reads back, each ended
by a zero byte. Random strings, seed 2.
"""
import itertools
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import numpy as np

out = sys.argv[1]
random = np.random.default_rng(2)
letters = list("ab é漢🙂\n\"")
index = []


def words(n):
    """Strings of 0 … 30 characters, half of them from a small pool, in order every other time."""
    pool = ["".join(random.choice(letters, random.integers(0, 30))) for _ in range(12)]
    made = [pool[random.integers(12)] if random.random() < 0.5 else "".join(random.choice(letters, random.integers(0, 30))) for _ in range(n)]
    return sorted(made) if random.random() < 0.5 else made


TYPES = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int32(), pa.string())]
ENCODINGS = [{}, {"dictionary_pagesize_limit": 64}] + [
    {"use_dictionary": False, "column_encoding": {"word": name}} for name in ("PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY")]
LAYOUTS = [{}, {"data_page_size": 64, "write_batch_size": 3}, {"row_group_size": 7}, {"write_page_checksum": True}, {"write_page_index": True},
           {"nullable": False}, {"store_schema": False}]
grid = itertools.product(["none", "snappy", "gzip", "brotli", "zstd", "lz4"], ["1.0", "2.0"], range(len(ENCODINGS)))
for number, (codec, page, e) in enumerate(grid):
    layout = dict(LAYOUTS[number % len(LAYOUTS)])
    kind = TYPES[number % (5 if e < 2 else 4)]  # pyarrow reads no dictionary type from the delta encodings
    column = pa.array(words(int(random.integers(1, 400)))).cast(kind)
    schema = pa.schema([pa.field("word", kind, nullable=layout.pop("nullable", True)), pa.field("size", pa.int32())])
    table = pa.Table.from_arrays([column, pa.array(range(len(column)), pa.int32())], schema=schema)
    file = f"{codec}_v{page[0]}_{e}.parquet"
    pq.write_table(table, f"{out}/{file}", compression=codec, data_page_version=page, **ENCODINGS[e], **layout)
    back = pq.read_table(f"{out}/{file}", page_checksum_verification=True).column("word").cast(pa.string()).to_pylist()
    with open(f"{out}/{file}.txt", "w", newline="") as text:
        text.write("".join(word + "\0" for word in back))
    index.append((file, "word", str(kind)))

pq.write_table(pa.table({"word": pa.array(["a", "b", None])}), f"{out}/null.parquet")
pq.write_table(pa.table({"word": pa.array(["a", "b" * 70000])}), f"{out}/long.parquet")
pq.write_table(pa.table({"word": pa.array([b"a", b"\xff"])}), f"{out}/latin.parquet")
pq.write_table(pa.table({"word": pa.array([1, 2])}), f"{out}/number.parquet")
pq.write_table(pa.table({"word": pa.array([["a"], ["b"]])}), f"{out}/lists.parquet")
pq.write_table(pa.table({"word": pa.array([None, None], pa.string())}), f"{out}/nulls.parquet")
pq.write_table(pa.table({"s": pa.array([{"word": "a", "class": "b"}] * 2)}), f"{out}/struct.parquet")
with open(f"{out}/index.tsv", "w") as file:
    file.writelines("\t".join(line) + "\n" for line in index)
