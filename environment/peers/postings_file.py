"""Reads a postings file with NumPy, by its description in lib/storage/postings: FILE BASE N D WIDTH

BASE holds the N × D numbers, of WIDTH bytes each (1 is uint8, 4 is float32). Checks the header, every checksum, every vector against
BASE and that the rest of every unit is empty. Prints the IDs of the units as JSON.
"""
import hashlib
import json
import sys

import numpy as np

PAGE = 4096
TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


content = open(sys.argv[1], "rb").read()
raw = open(sys.argv[2], "rb").read()
n, d, width = map(int, sys.argv[3:6])
base = np.frombuffer(raw, {1: "u1", 4: "<f4"}[width]).reshape(n, d)

fields = np.dtype("S8, <u4, <u4, <u4, <u4, <u8, <u8, <u8, <u8, <u4, <u4, S32, S32")
magic, version, page, dims, size, vectors, units, stored, pages, same, index_sum, _, _ = np.frombuffer(content, fields, 1)[0].tolist()
salt = int.from_bytes(content[PAGE - 4:PAGE], "little")
assert (magic, version, page, dims, size, vectors) == (b"ANNUNITS", 1, PAGE, d, width, n)
assert salt == crc32c(content[:PAGE - 4]) and not any(content[128:PAGE - 4])
assert content[64:96] == hashlib.sha256(f"{n} × {d} × {width}\n".encode() + raw).digest()

if same:
    lengths = [same] * units
    end = len(content)
else:
    end = len(content) - 4 * units
    assert index_sum == crc32c(content[end:])
    counts = np.frombuffer(content, "<u4", offset=end).tolist()
    lengths = [max(1, -(-(4 + count * (4 + d * width)) // PAGE)) for count in counts]

at, lists = PAGE, []
for number, length in enumerate(lengths):
    unit = content[at:at + length * PAGE]
    at += len(unit)
    assert int.from_bytes(unit[:4], "little") == (crc32c(unit[4:]) + salt + number) % 2**32
    slots = (len(unit) - 4) // (4 + d * width)
    ids = np.frombuffer(unit, "<i4", slots, 4)
    count = int((ids >= 0).sum())
    assert (ids[count:] == -1).all() and (same or count == counts[number])
    found = np.frombuffer(unit, base.dtype, count * d, 4 + 4 * slots).reshape(count, d)
    assert (found == base[ids[:count]]).all() and not any(unit[4 + 4 * slots + count * d * width:])
    lists.append(ids[:count].tolist())
assert at == end == PAGE * (1 + pages) and sum(map(len, lists)) == stored
json.dump(lists, sys.stdout)
