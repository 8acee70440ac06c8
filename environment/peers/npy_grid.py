"""Writes .npy files of every kind, and damaged ones, with the result of numpy.load for each: FOLDER

FOLDER/NAME.npy is a case and FOLDER/NAME.f4 the float32 numbers, row by row, that NumPy reads from it, where it reads an n × d
matrix of real numbers. The standard output is a JSON list of cases: name, says (part of the error that is expected of a
reader that refuses), inexact (numbers that float32 does not hold), rest (bytes after the data). Damages are drawn with seed 1.
"""
import io
import json
import random
import resource
import struct
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))  # damaged headers can announce any size
out = sys.argv[1]
cases = []


def real(array):
    return array.ndim == 2 and array.size > 0 and array.dtype.kind in "biuf" and array.dtype.itemsize <= 8


def inexact(array, single):
    exact = int if array.dtype.kind in "biu" else float
    return sum(exact(x) != exact(y) for x, y in zip(array.ravel().tolist(), single.ravel().tolist()))


def case(name, data, says=""):
    with open(f"{out}/{name}.npy", "wb") as file:
        file.write(data)
    told = {"name": name, "says": says, "read": False}
    cases.append(told)
    try:
        with open(f"{out}/{name}.npy", "rb") as file:
            array = np.load(file, allow_pickle=False)
            told["rest"] = len(file.read())
    except Exception as error:
        told["numpy"] = f"{type(error).__name__}: {error}"
        return
    if not isinstance(array, np.ndarray) or not real(array):
        return
    single = np.ascontiguousarray(array.astype(np.float32))
    if not np.isfinite(single).all():
        return
    single.tofile(f"{out}/{name}.f4")
    told.update(read=True, shape=array.shape, type=array.dtype.name, inexact=inexact(array, single))


def saved(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version, allow_pickle=True)
    return file.getvalue()


def spelt(header, body, version=1, encoding="latin1", pad=True):
    """A file whose header is spelt as given."""
    text = header.encode(encoding)
    if pad:
        text += b" " * (63 - (len(text) + 10) % 64) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text + body


r = np.random.default_rng(0)
x = r.standard_normal((5, 3)).astype(np.float32)
body = x.tobytes()


def numbers(kind, shape):
    """Numbers over the whole range of a type, its ends and halfway cases among them."""
    if kind == "b1":
        return r.integers(0, 2, shape).astype(bool)
    if kind[0] in "iu":
        info = np.iinfo(kind)
        ends = [info.min, info.max, info.max - 1, info.max // 2 + 1]
        ends += [v for v in (2**24 + 1, 2**24 + 3, 2**24 - 1, 2**53 + 1, 2**40 + 2**16, -(2**24) - 1, 3) if info.min <= v <= info.max]
        array = r.integers(info.min, info.max, shape, dtype=kind, endpoint=True)
    else:
        info = np.finfo(kind)
        ends = [0.0, -0.0, info.tiny, info.smallest_subnormal, -info.smallest_subnormal, info.eps, 1 + info.eps, 1 + 2**-24, 1 + 3 * 2**-24, 1e-45, -6e-46]
        ends += [info.max, info.min] if kind != "f8" else [3.4028235e38, 3.4028235677973362e38, -1e-300]
        array = r.standard_normal(shape).astype(kind)
    ends = np.array(ends[: array.size], dtype=kind)
    array.ravel()[: ends.size] = ends
    return array


# Types, byte orders, orders of memory, shapes.
for kind in "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
    for shape in (5, 3), (1, 11), (13, 1), (1, 1), (70, 130):
        for order in "<>":
            for memory in "CF":
                array = np.array(numbers(kind, shape).astype(order + kind), order=memory)
                case(f"{kind}-{shape[0]}x{shape[1]}-{'lb'['<>'.index(order)]}{memory}", saved(array))
half = np.arange(65536, dtype=np.uint16).view(np.float16)
half = half[np.isfinite(half)]
case("every-float16", saved(half.reshape(-1, 256)))
case("every-float16-big", saved(half.reshape(-1, 256).astype(">f2")))
case("bool-bytes", spelt("{'descr': '|b1', 'fortran_order': False, 'shape': (16, 16), }", bytes(range(256))))

# Versions.
for version in 1, 2, 3:
    case(f"version-{version}", saved(x, (version, 0)))
    case(f"version-{version}-fortran", saved(np.asfortranarray(x.astype(">f8")), (version, 0)))
    case(f"version-{version}-minor", b"\x93NUMPY" + bytes([version, 1]) + saved(x, (version, 0))[8:], f"version {version}.1")
    case(f"version-{version}-long", spelt("{'descr': '<f4', 'fortran_order': False, 'shape': (5L, 3L), }", body, version), '"5L" is not an integer')
    case(f"version-{version}-not-ascii", spelt("{'descr': '<f4', 'fortran_order': False, 'shape': (5, 3), 'é': 1}", body, version), "not text" if version == 3 else "its keys are")
case("version-3-utf8", spelt("{'descr': '<f4', 'fortran_order': False, 'shape': (5, 3), 'é': 1}", body, 3, "utf8"), "its keys are")
case("version-0", b"\x93NUMPY\x00\x00" + saved(x)[8:], "version 0.0")
case("version-4", b"\x93NUMPY\x04\x00" + saved(x, (2, 0))[8:], "version 4.0")
case("header-9990", spelt("{'descr': '<f4', 'fortran_order': False, 'shape': (5, 3), }".ljust(9990), body, 1, pad=False))
case("header-10001", spelt("{'descr': '<f4', 'fortran_order': False, 'shape': (5, 3), }".ljust(10001), body, 1, pad=False), "header of 10001 bytes")
case("header-4-gib", b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + saved(x)[10:], "header of 4294967295 bytes")
case("header-beyond-the-end", b"\x93NUMPY\x01\x00\xff\x0f" + saved(x)[10:], "ends within its .npy header")
case("header-none", b"\x93NUMPY\x01\x00\x00\x00" + body, "not a dictionary")
case("header-cut", saved(x)[:50], "ends within its .npy header")
case("length-cut", saved(x)[:9], "ends within its .npy header")
case("magic-only", saved(x)[:6], "not a .npy file")
case("empty", b"", "is empty")

# Spellings of the same header that Python reads.
d, f, s = "'descr': '<f4'", "'fortran_order': False", "'shape': (5, 3)"
for i, header in enumerate([
    f"{{{d}, {f}, {s}, }}", f"{{{d}, {f}, {s}}}", f"{{{d}, {s}, {f}}}", f"{{{f}, {d}, {s}}}", f"{{{f}, {s}, {d}}}", f"{{{s}, {d}, {f}}}", f"{{{s}, {f}, {d}}}",
    "{'descr':'<f4','fortran_order':False,'shape':(5,3)}", '{"descr": "<f4", "fortran_order": False, "shape": (5, 3)}',
    "{ 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 5 , 3 , ) , }", f"{{\n  {d},\n  {f},\n\t{s}\n}}", f"{{\r\n{d},\r\n{f},\r\n{s},\r\n}}\r\n", f"  \t{{{d}, {f}, {s}}}\n\n   \n",
    f"{{{d}, {f}, 'shape': (5, 3,)}}", f"{{{d}, {f}, 'shape': (0x5, 0b11)}}", f"{{{d}, {f}, 'shape': (+5, 0o3)}}", f"{{{d}, {f}, 'shape': ((5), (3))}}",
    f"{{u'descr': u'<f4', U'fortran_order': False, u\"shape\": (5, 3)}}", f"{{'descr': '<f8', {d}, {f}, {s}}}", f"{{{d}, {f}, 'shape': 0, {s}}}", f"{{{d}, {f}, 'shape': (5L, 3)}}",
    f"{{{d}, {f}, 'shape': (0_5, 3)}}".replace("0_5", "0x0_5"),
]):
    case(f"spelling-{i}", spelt(header, body))
    case(f"spelling-{i}-no-newline", spelt(header, body, pad=False))

# Spellings that Python reads and no writer uses; a reader may refuse them.
for name, header in {
    "comment": f"{{{d}, {f}, {s}}} # a comment", "newline-first": f"\n{{{d}, {f}, {s}}}", "form-feed": f"{{{d},\f{f}, {s}}}", "parentheses": f"({{{d}, {f}, {s}}})",
    "escape": f"{{'d\\x65scr': '<f4', {f}, {s}}}", "adjacent": f"{{'descr': '<' 'f4', {f}, {s}}}", "triple": f"{{'descr': '''<f4''', {f}, {s}}}", "raw": f"{{r'descr': '<f4', {f}, {s}}}",
    "continuation": f"{{{d}, \\\n{f}, {s}}}", "long-space": f"{{{d}, {f}, 'shape': (5 L, 3)}}", "bool-shape": f"{{{d}, {f}, 'shape': (True, 15)}}",
    "native-name": f"{{'descr': 'single', {f}, {s}}}", "platform-code": f"{{'descr': '<l', {f}, 'shape': (1, 3)}}", "float": f"{{'descr': 'float', {f}, 'shape': (1, 3)}}",
    "tuple-descr": f"{{'descr': ('<f4', ()), {f}, {s}}}",
}.items():
    case("rare-" + name, spelt(header, body))

# Headers that Python refuses, or NumPy.
for i, (header, says) in enumerate([
    (f"{{{d}, {f}}}", "its keys are"), (f"{{{d}, {f}, {s}, 'more': 1}}", "its keys are"), ("{}", "its keys are"), (f"{{{d} {f}, {s}}}", "not expected"), (f"{{{d},, {f}, {s}}}", "not expected"),
    (f"{{, {d}, {f}, {s}}}", "not expected"), (f"{{{d}, {f}, {s}", "ends early"), (f"{d}, {f}, {s}", "not a dictionary"), ("[1, 2]", "not a dictionary"), ("", "not a dictionary"),
    (f"{{{d}, {f}, 'shape': [5, 3]}}", "the shape is [5, 3]"), (f"{{{d}, {f}, 'shape': 15}}", "the shape is 15"), (f"{{{d}, {f}, 'shape': (5.0, 3)}}", "not expected"),
    (f"{{{d}, {f}, 'shape': '(5, 3)'}}", "the shape is '(5, 3)'"), (f"{{{d}, {f}, 'shape': None}}", "the shape is None"), (f"{{{d}, {f}, 'shape': (-5, 3)}}", "the shape is (-5, 3)"),
    (f"{{{d}, {f}, 'shape': (-5, -3)}}", "the shape is (-5, -3)"), (f"{{{d}, {f}, 'shape': (5, --3)}}", "not expected"), (f"{{{d}, {f}, 'shape': (05, 3)}}", "begins with 0"),
    (f"{{{d}, {f}, 'shape': (5__0, 3)}}", '"5__0" is not an integer'), (f"{{{d}, {f}, 'shape': (5l, 3)}}", '"5l" is not an integer'), (f"{{{d}, 'fortran_order': 0, {s}}}", "fortran_order is 0"),
    (f"{{{d}, 'fortran_order': 'False', {s}}}", "fortran_order is 'False'"), (f"{{{d}, 'fortran_order': false, {s}}}", "not expected"), (f"{{{d}, 'fortran_order': FalseFalse, {s}}}", "not expected"),
    (f"{{'descr: '<f4', {f}, {s}}}", "not expected"), (f"{{'descr': '<f4, {f}, {s}}}", "not expected"), (f"{{{d}, {f}, {s}}}\0", "not text"), (f"{{{d}, {f}, {s}}}}}", "not expected"),
    (f"{{{d}, {f}, {s}}};", "not expected"), (f"{{{d}, {f}, {s}}}{{}}", "not expected"), (f"{{{d}, {f}, 1: {s}}}", "not a string"), (f"{{{d}, {f}, 'shape': ({'9' * 30}, 3)}}", "too large"),
    (f"{{{d}, {f}, 'shape': (4611686018427387904, 4)}}", "announces 4611686018427387904 × 4 numbers of type float32, 73786976294838206464 bytes"),
    (f"{{{d}, {f}, 'shape': (4294967296, 4294967296)}}", "truncated"), (f"{{{d}, {f}, 'shape': (1, 9223372036854775807)}}", "truncated"), (f"{{{d}, {f}, 'shape': {'(' * 4000}", "ends early"),
    (f"{{{d}, {f}, 'shape': {'(' * 3000}{')' * 3000}}}", "n × d"), (f"{{'descr': '<f4\n', {f}, {s}}}", "does not end on its line"), (f"{{b'descr': '<f4', {f}, {s}}}", "not expected"),
]):
    case(f"refused-{i}", spelt(header, body), says)

# Codes of types.
for i, code in enumerate("<f4 =f4 |f4 f4 f <f float32 <i4 =i4 i >i4 |u1 <u1 >u1 =u1 B |i1 b |b1 ? <? bool int8 uint8 int16 uint16 int32 uint32 H h I e d q Q float64 int64 uint64 float16 <e >d".split()):
    size = np.dtype(code).itemsize
    case(f"code-{i}", spelt(f"{{'descr': {code!r}, {f}, 'shape': (2, 3)}}", bytes([1, 0, 0, 63, 0, 1, 1, 64][:size] if size > 1 else [1]) * 6))
for i, (code, says) in enumerate({
    "<f16": "long doubles", "<c8": "complex", "c16": "complex", "S3": "byte strings", "<U2": "strings", "|O": "Python objects", "|V2": "raw bytes", "<M8[ns]": "dates", "<m8": "time differences",
    "<f3": "unknown type", "": "unknown type", "<": "unknown type", " <f4": "unknown type", "<float32": "unknown type", "<f4 ": "unknown type", "F4": "complex", "<<f4": "unknown type", "i3": "unknown type",
}.items()):
    case(f"no-code-{i}", spelt(f"{{'descr': {code!r}, {f}, {s}}}", bytes(16 * 15)), says)
case("descr-none", spelt(f"{{'descr': None, {f}, {s}}}", body), "records")
case("longdouble", saved(x.astype(np.longdouble)), "x.astype('float32')")
case("complex", saved(x.astype(np.complex64)), "complex numbers (\"<c8\")")
case("strings", saved(x.astype("U8")), "strings")
case("bytes", saved(x.astype("S8")), "byte strings")
case("objects", saved(x.astype(object)), "Python objects")
case("records", saved(np.zeros((5, 3), [("a", "<f4"), ("b's", "<i4")])), "records ([('a', '<f4')")
case("records-unicode", saved(np.zeros((5, 3), [("é", "<f4")])), "records")
case("dates", saved(x.astype("M8[s]")), "dates")

# Shapes, and data that are longer or shorter than announced.
case("scalar", saved(np.float32(1).reshape(())), "shape ()")
case("vector", saved(x.ravel()), "shape (15,)")
case("cube", saved(x.reshape(5, 1, 3)), "shape (5, 1, 3)")
case("zero-rows", saved(x[:0]), "shape (0, 3)")
case("zero-columns", saved(x[:, :0]), "shape (5, 0)")
case("nan", saved(np.where(x == x[2, 1], np.nan, x)), "row 2, column 1 is NaN")
case("infinite", saved(np.where(x == x[2, 1], -np.inf, x)), "row 2, column 1 is -Inf")
case("beyond", saved(np.where(x == x[2, 1], 1e300, x.astype(np.float64))), "float64 numbers beyond the range of float32, such as 1e+300")
for rest in 1, 4, 12, 200:
    case(f"longer-{rest}", saved(x) + bytes(rest))
case("two-arrays", saved(x) + saved(x))
for short in 1, 4, 12, 59, 60:
    case(f"shorter-{short}", saved(x)[:-short], f"holds {60 - short} bytes of data; its header announces 5 × 3 numbers of type float32, 60 bytes")

# Other files by that name.
for name, (head, says) in {
    "gzip": (b"\x1f\x8b\x08", "gzip"), "zip": (b"PK\x03\x04", ".npz"), "hdf5": (b"\x89HDF\r\n\x1a\n", "HDF5"), "parquet": (b"PAR1", "Parquet"), "pickle": (b"\x80\x04\x95", "pickle"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"), "html": (b"<!DOCTYPE html>", "HTML"), "text": (b"0.1,0.2\n", "not a .npy file"),
}.items():
    case("other-" + name, head + bytes(100), says)

# Damages: one change of the header each, and cuts.
random.seed(1)
alphabet = b"{}()[]',:\"<>=|0123456789LlfuibFalseTrue_ \n\t\\#\x00\xff-+.x"
whole = [saved(x), saved(np.asfortranarray(x.astype(">i4")), (2, 0)), saved(x.astype("f8"), (3, 0)), spelt("{'descr': '<f4', 'fortran_order': False, 'shape': (5L, 3L)}", body)]
for i in range(800):
    data = bytearray(whole[i % len(whole)])
    at = random.randrange(6, 74)
    change = random.randrange(5)
    if change == 0:
        data[at] ^= 1 << random.randrange(8)
    elif change == 1:
        data[at] = random.choice(alphabet)
    elif change == 2:
        data.insert(at, random.choice(alphabet))
    elif change == 3:
        del data[at]
    else:
        del data[random.randrange(len(data)):]
    case(f"damage-{i}", bytes(data))

print(json.dumps(cases))
