"""Types and byte orders, shapes, fill values."""
import ctypes
import itertools

import h5py
import numpy as np

from hdf5_write import VERSIONS, libhdf5, low_level, train, whole, write, x

for order, kind in itertools.product("<>", ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")):
    data = (whole if kind[0] != "f" else x).astype(order + kind)
    if kind[0] != "f":
        data[0, 0], data[1, 1] = np.iinfo(kind).min, np.iinfo(kind).max
    name = f"type_{'be' if order == '>' else 'le'}_{kind}"
    train(name, data)
    train(name + "_gzip", data, ("v0", "latest"), chunks=(10, 4), compression="gzip", shuffle=True)
train("type_bool", whole > 50)
train("type_enum", whole.astype("i2") % 2, dtype=h5py.enum_dtype({"A": 0, "B": 1}, "i2"))
train("type_complex", x.astype("c8"))
train("type_longdouble", x.astype(np.longdouble))
train("type_compound", np.zeros((5, 3), [("a", "f4"), ("b", "i4")]))
train("type_string", np.array([[b"a", b"b"]]))
train("type_vlen_string", np.array([["a", "b"]], dtype=object), dtype=h5py.string_dtype())
train("type_opaque", np.zeros((3, 2), "V4"))
write("type_ragged", lambda f: f.create_dataset("train", (3, 2), h5py.vlen_dtype("f4")))
write("type_array", lambda f: f.create_dataset("train", (5,), np.dtype(("f4", (3,)))))
write("type_reference", lambda f: f.create_dataset("train", (5, 2), h5py.ref_dtype))


def typed(change):
    def fill(f):
        kind = h5py.h5t.IEEE_F32LE.copy() if change.__name__.startswith("f") else h5py.h5t.STD_I16LE.copy()
        change(kind)
        low_level(f, kind, x if change.__name__.startswith("f") else whole.astype("i2"))
    return fill


def f_bfloat(t):
    t.set_fields(15, 7, 8, 0, 7)
    t.set_size(2)


def f_24(t):
    t.set_fields(23, 16, 7, 0, 16)
    t.set_size(3)
    t.set_ebias(63)


def i_12(t):
    t.set_precision(12)


def i_offset(t):
    t.set_precision(12)
    t.set_offset(2)


for change in (f_bfloat, f_24, i_12, i_offset):
    write("type_" + change.__name__, typed(change))


def committed(f):
    f["kind"] = np.dtype("f8")
    f.create_dataset("train", data=x, dtype=f["kind"])


write("type_committed", committed, tuple(VERSIONS))

# Shapes.
train("shape_vector", x.ravel())
train("shape_cube", x.reshape(37, 11, 1))
train("shape_scalar", 3.0)
train("shape_zero_rows", x[:0], chunks=(2, 2), maxshape=(None, 11))
train("shape_zero_columns", x[:, :0])
train("shape_one", x[:1, :1])
write("shape_empty", lambda f: f.create_dataset("train", data=h5py.Empty("f4")))
train("shape_nan", np.where(whole == whole[3, 3], np.nan, x))
train("shape_infinite", np.where(whole == whole[3, 3], np.inf, x))
train("shape_beyond_float32", np.where(whole == whole[3, 3], 1e300, x.astype("f8")))

# Fill values.
def unwritten(chunks=None, value=None, kind="f4", rows=slice(0, 0), **options):
    def fill(f):
        d = f.create_dataset("train", (37, 11), kind, chunks=chunks, fillvalue=value, **options)
        d[rows] = x[rows].astype(kind)
    return fill


for value, kind in ((None, "f4"), (2.5, "f4"), (-3, "i2"), (7, ">f8"), (1.5, "f2")):
    name = f"fill_{value}_{kind.replace('>', 'be')}"
    write(name + "_contiguous", unwritten(None, value, kind))
    write(name + "_chunked", unwritten((10, 4), value, kind))
    write(name + "_partly", unwritten((10, 4), value, kind, slice(12, 25)), tuple(VERSIONS))
    write(name + "_gzip", unwritten((10, 4), value, kind, slice(12, 25), compression="gzip", maxshape=(None, 11)), tuple(VERSIONS))
for time in ("NEVER", "ALLOC", "IFSET"):
    for value, chunked in itertools.product((None, 4.0), (True, False)):
        def prepare(p):
            chunked and p.set_chunk((10, 4))
            p.set_fill_time(getattr(h5py.h5d, "FILL_TIME_" + time))
            if isinstance(value, float):
                p.set_fill_value(np.array(value, "f4"))
        name = f"fill_time_{time}_{value}_{'chunked' if chunked else 'contiguous'}"
        write(name, lambda f: low_level(f, h5py.h5t.IEEE_F32LE, None, (37, 11), prepare=prepare))
for chunked in (True, False):
    def undefined(p):
        chunked and p.set_chunk((10, 4))
        libhdf5("H5Pset_fill_value", p, ctypes.c_int64(h5py.h5t.IEEE_F32LE.id), None)
    write(f"fill_undefined_{chunked}", lambda f: low_level(f, h5py.h5t.IEEE_F32LE, None, (37, 11), prepare=undefined))
write("fill_nan", unwritten((10, 4), np.nan))
