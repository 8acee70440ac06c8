"""A writer of small Parquet files that pyarrow does not write: older nestings, encodings and codecs, and false footers.

It knows PLAIN and dictionary pages (v1) of one column. Struct and field numbers are those of parquet.thrift.
"""
import struct

REQUIRED, OPTIONAL, REPEATED = 0, 1, 2
INT32, INT64, FLOAT, DOUBLE, BYTES = 1, 2, 4, 5, 6
LIST, MAP = 3, 1  # converted types
PLAIN, PLAIN_DICTIONARY, RLE = 0, 2, 3
FORMAT = {INT32: "i4", INT64: "i8", FLOAT: "f4", DOUBLE: "f8"}


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def zigzag(n):
    return varint(n << 1 if n >= 0 else (-n << 1) - 1)


class I64(int):
    """An integer that Thrift writes as 64 bits."""


def encode(value):
    """The compact protocol's type and bytes of a value: dict for a struct, list, bytes or str, int."""
    if isinstance(value, dict):
        out, last = b"", 0
        for field, item in sorted(value.items()):
            kind, data = encode(item)
            out += bytes([(field - last) << 4 | kind]) + data
            last = field
        return 12, out + b"\0"
    if isinstance(value, list):
        items = [encode(item) for item in value]
        kind = items[0][0] if items else 12
        head = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind]) + varint(len(items))
        return 9, head + b"".join(data for _, data in items)
    if isinstance(value, (bytes, str)):
        data = value.encode() if isinstance(value, str) else value
        return 8, varint(len(data)) + data
    return (6 if isinstance(value, I64) else 5), zigzag(value)


def thrift(fields):
    return encode(fields)[1]


def group(name, repetition, children=1, converted=None):
    return {3: repetition, 4: name, 5: children} | ({6: converted} if converted is not None else {})


def leaf(name, repetition, kind, converted=None):
    return {1: kind, 3: repetition, 4: name} | ({6: converted} if converted is not None else {})


def levels(values, highest):
    """Levels in runs, with their length before them; none where the highest is 0."""
    if highest == 0:
        return b""
    out, i = b"", 0
    while i < len(values):
        j = i
        while j < len(values) and values[j] == values[i]:
            j += 1
        out += varint(j - i << 1) + bytes([values[i]])
        i = j
    return struct.pack("<I", len(out)) + out


def page(body, values, compress, encoding=PLAIN, dictionary=False):
    packed = compress(body)
    part = {7: {1: values, 2: encoding}} if dictionary else {5: {1: values, 2: encoding, 3: RLE, 4: RLE}}
    return thrift({1: 2 if dictionary else 0, 2: len(body), 3: len(packed)} | part) + packed


def write(path, schema, rows, codec=0, compress=lambda body: body, pages=None, footer=None, chunk=None, root=1):
    """One column of the matrix rows. schema is its path; pages(x, repetition, definition) replaces its one PLAIN page;
    chunk and footer change ColumnMetaData and FileMetaData."""
    n, d = rows.shape
    repetition = [int(j > 0) for _ in range(n) for j in range(d)]
    highest = [sum(e.get(3, 0) in kinds for e in schema) for kinds in ((REPEATED,), (OPTIONAL, REPEATED))]
    kind = schema[-1][1]

    def one(x, encoding=PLAIN, body=None):
        """A page of whole rows."""
        count = len(x) * d
        head = levels(repetition[:count], highest[0]) + levels([highest[1]] * count, highest[1])
        return page(head + (x.astype(FORMAT[kind]).tobytes() if body is None else body), count, compress, encoding)

    data = b"PAR1" + (pages(one) if pages else one(rows))
    size = len(data) - 4
    meta = {1: kind, 2: [PLAIN, RLE], 3: [e[4] for e in schema], 4: codec, 5: I64(rows.size), 6: I64(size), 7: I64(size), 9: I64(4)} | (chunk or {})
    column = {2: I64(4), 3: meta}
    elements = [{4: "schema", 5: root}] + schema
    meta = {1: 2, 2: elements, 3: I64(n), 4: [{1: [column], 2: I64(size), 3: I64(n)}], 6: "by hand"} | (footer or {})
    end = thrift(meta)
    with open(path, "wb") as file:
        file.write(data + end + struct.pack("<I", len(end)) + b"PAR1")
