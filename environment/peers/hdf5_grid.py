"""Writes small HDF5 files of every kind that h5py can write. usage: hdf5_grid.py FOLDER

Beside FILE.hdf5 stands FILE.npy: what h5py reads of "train" as float32. Where h5py refuses it, or it is no n x d matrix of
real numbers, there is none. The kinds: types and byte orders, layouts and chunk indexes, filters, versions of the format,
fill values, links, groups. x is 37 x 11, seed 0.
"""
import bz2
import itertools
import os
import sys
import zlib

import h5py
import hdf5plugin
import numpy as np

out = sys.argv[1]
rng = np.random.default_rng(0)
x = rng.standard_normal((37, 11)).astype("f4")
whole = rng.integers(0, 100, x.shape)
VERSIONS = {"v0": None, "v108": ("v108", "v108"), "v110": ("v110", "v110"), "v112": ("v112", "v112"), "v114": ("v114", "v114"), "latest": "latest"}
few = ("v0", "v108", "latest")


def path(name):
    return os.path.join(out, name + ".hdf5")


def keep(name):
    """Keeps what h5py reads, if it is a matrix of real numbers and h5py reads it."""
    try:
        with h5py.File(path(name), "r") as f, np.errstate(over="ignore"):
            values = f["train"][()]
            if values.ndim == 2 and values.dtype.kind in "iuf" and values.dtype.itemsize <= 8 and not f["train"].is_virtual:
                np.save(os.path.join(out, name + ".npy"), values.astype("f4"))
    except (OSError, KeyError, AttributeError, RuntimeError, TypeError, ValueError):
        pass


def write(name, fill=None, versions=few, **file_options):
    """fill(file) writes the data sets; once for each version of the format."""
    for version in versions:
        full = f"{name}_{version}"
        with h5py.File(path(full), "w", libver=VERSIONS[version], **file_options) as f:
            fill(f)
        keep(full)


def train(name, data=x, versions=few, then=lambda d: None, **options):
    write(name, lambda f: then(f.create_dataset("train", data=data, **options)), versions)


def low_level(f, kind, data=x, shape=None, maxshape=None, prepare=lambda p: None, name="train"):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    prepare(plist)
    space = h5py.h5s.create_simple(shape or data.shape, maxshape)
    d = h5py.h5d.create(f.id, name.encode(), kind, space, plist)
    if data is not None:
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(data))
    return h5py.Dataset(d)


# Types.
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

# Layouts and chunk indexes.
for version in ("v0", "v108", "v110", "latest"):
    for chunk, maxshape in itertools.product(((10, 4), (37, 11), (64, 16), (1, 1), (3, 11), (37, 1), (5, 20)), (None, (37, None), (None, 11), (None, None), (100, 30), (64, 16))):
        if maxshape and any(m is not None and m < c for m, c in zip(maxshape, chunk)) or not maxshape and (chunk[0] > 37 or chunk[1] > 11):
            continue
        name = f"chunk_{chunk[0]}x{chunk[1]}_max_{'x'.join(map(str, maxshape or ()))}"
        train(name, versions=(version,), chunks=chunk, maxshape=maxshape)
        train(name + "_gzip", versions=(version,), chunks=chunk, maxshape=maxshape, compression="gzip")


def early(f, maxshape=None, kind="f4", chunk=(10, 4)):
    low_level(f, h5py.h5t.IEEE_F32LE, x, maxshape=maxshape, prepare=lambda p: (p.set_chunk(chunk), p.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)))


write("index_implicit", early, tuple(VERSIONS))
write("index_implicit_may_grow", lambda f: early(f, (100, 30)), tuple(VERSIONS))
write("index_early_unlimited", lambda f: early(f, (h5py.h5s.UNLIMITED, 30)), tuple(VERSIONS))


def compact(f):
    low_level(f, h5py.h5t.IEEE_F32LE, x, prepare=lambda p: p.set_layout(h5py.h5d.COMPACT))


write("layout_compact", compact, tuple(VERSIONS))

tall = rng.standard_normal((5000, 3)).astype("f4")
for name, maxshape in {"fixed": None, "extensible": (None, 3), "tree": (None, None), "extensible_columns": (5000, None)}.items():
    for options in ({}, {"compression": "gzip", "compression_opts": 1}):
        kind = "gzip" if options else "plain"
        train(f"index_{name}_paged_{kind}", tall, ("v0", "latest"), chunks=(1, 2), maxshape=maxshape, **options)
wide = rng.standard_normal((4, 3000)).astype("f4")
train("index_wide", wide, chunks=(3, 1), maxshape=(4, None))


def sparse(maxshape):
    def fill(f):
        d = f.create_dataset("train", (5000, 3), "f4", chunks=(1, 2), maxshape=maxshape, fillvalue=2.5)
        for row in (0, 3, 17, 200, 1023, 1024, 2900, 4999):
            d[row, : 2 if row % 2 else 3] = row
    return fill


for name, maxshape in {"fixed": None, "extensible": (None, 3), "tree": (None, None)}.items():
    write(f"index_{name}_sparse", sparse(maxshape))


def resized(f):
    d = f.create_dataset("train", data=x, chunks=(10, 4), maxshape=(None, None), compression="gzip", fillvalue=9)
    d.resize((13, 6))
    d.resize((50, 13))
    d[45:, 12:] = 1


write("index_resized", resized, tuple(VERSIONS))


def shrunk(f):
    d = f.create_dataset("train", data=x, chunks=(10, 4), maxshape=(None, 11))
    d.resize((12, 5))


write("index_shrunk", shrunk, tuple(VERSIONS))


def edge_unfiltered(f):
    def prepare(p):
        p.set_chunk((10, 4))
        p.set_deflate(4)
        p.set_chunk_opts(h5py.h5d.DONT_FILTER_PARTIAL_CHUNKS) if hasattr(p, "set_chunk_opts") else None
    low_level(f, h5py.h5t.IEEE_F32LE, prepare=prepare)


write("index_edge_unfiltered", edge_unfiltered, ("v110", "latest"))

# Filters.
filters = {
    "gzip0": dict(compression="gzip", compression_opts=0), "gzip9": dict(compression="gzip", compression_opts=9),
    "shuffle": dict(shuffle=True), "shuffle_gzip": dict(shuffle=True, compression="gzip"), "fletcher": dict(fletcher32=True),
    "gzip_fletcher": dict(compression="gzip", fletcher32=True, shuffle=True), "lzf": dict(compression="lzf"),
    "lzf_shuffle": dict(compression="lzf", shuffle=True), "szip": dict(compression="szip"),
    "zstd": hdf5plugin.Zstd(), "zstd19": hdf5plugin.Zstd(clevel=19), "lz4": hdf5plugin.LZ4(), "lz4_blocks": hdf5plugin.LZ4(nbytes=64),
    "bzip2": hdf5plugin.BZip2(), "blosc2": hdf5plugin.Blosc2(), "zfp": hdf5plugin.Zfp(reversible=True), "zfp_lossy": hdf5plugin.Zfp(accuracy=0.01),
    "sz": hdf5plugin.SZ(absolute=0.01), "sz3": hdf5plugin.SZ3(absolute=0.01), "sperr": hdf5plugin.Sperr(),
    "bitshuffle": hdf5plugin.Bitshuffle(), "bitshuffle_zstd": hdf5plugin.Bitshuffle(cname="zstd"), "bitshuffle_none": hdf5plugin.Bitshuffle(cname="none"),
    "scaleoffset_f": dict(scaleoffset=3),
}
for codec, shuffle in itertools.product(("blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"), (0, 1, 2)):
    filters[f"blosc_{codec}_{shuffle}"] = hdf5plugin.Blosc(cname=codec, clevel=9, shuffle=shuffle)
smooth = (np.arange(300)[:, None] // 7 + np.arange(24)[None] * 0.5).astype("f4")
repeats = np.tile(rng.standard_normal((200, 64)).astype("f4"), (4, 1))
contents = {"random": x, "repeats": repeats, "smooth": smooth, "zeros": np.zeros((300, 24), "f4"), "double": smooth.astype("f8")}
for (name, options), (content, data) in itertools.product(filters.items(), contents.items()):
    versions = few if content == "random" else ("latest",)
    chunk = {"random": (10, 4), "repeats": (800, 64)}.get(content, (100, 24))
    try:
        train(f"filter_{name}_{content}", data, versions, chunks=chunk, **options)
    except (ValueError, OSError) as error:
        print("not written:", name, content, error)
for name, options in {"scaleoffset_i": dict(scaleoffset=0), "blosc_i": hdf5plugin.Blosc(), "bitshuffle_i": hdf5plugin.Bitshuffle(), "lzf_i": dict(compression="lzf"), "szip_i": dict(compression="szip")}.items():
    for kind in ("i1", "i2", "i4", "u8"):
        train(f"filter_{name}_{kind}", whole.astype(kind), chunks=(10, 11), **options)


def pipeline(*steps, **options):
    def fill(f):
        def prepare(p):
            p.set_chunk((10, 11))
            for step in steps:
                step(p)
        low_level(f, h5py.h5t.IEEE_F32LE, prepare=prepare, **options)
    return fill


def fletcher(p):
    p.set_fletcher32()


def shuffle(p):
    p.set_shuffle()


def gzip(p):
    p.set_deflate(4)


write("pipeline_fletcher_first", pipeline(fletcher, shuffle, gzip))
write("pipeline_fletcher_twice", pipeline(fletcher, gzip, fletcher))
write("pipeline_gzip_twice", pipeline(gzip, gzip))
write("pipeline_gzip_shuffle", pipeline(gzip, shuffle))
write("pipeline_zstd_mandatory", pipeline(lambda p: p.set_filter(32015, 0, (3,))))
write("filter_nbit", lambda f: low_level(f, h5py.h5t.STD_I32LE, whole.astype("i4"), prepare=lambda p: (p.set_chunk((10, 11)), p.set_nbit())) if hasattr(h5py.h5p.PropDCID, "set_nbit") else low_level(f, h5py.h5t.STD_I32LE, whole.astype("i4"), prepare=lambda p: (p.set_chunk((10, 11)), p.set_filter(5, 0))))


# Filter masks: a chunk that skips some of the filters.
def masked(f):
    d = f.create_dataset("train", (20, 8), "f4", chunks=(10, 4), compression="gzip", shuffle=True, fletcher32=False)
    f.flush()
    raw = [np.ascontiguousarray(x[i : i + 10, j : j + 4]) for i in (0, 10) for j in (0, 4)]
    shuffled = raw[1].view("u1").reshape(40, 4).T.tobytes()
    d.id.write_direct_chunk((0, 0), raw[0].tobytes(), filter_mask=3)
    d.id.write_direct_chunk((0, 4), zlib.compress(shuffled), filter_mask=0)
    d.id.write_direct_chunk((10, 0), zlib.compress(raw[2].tobytes()), filter_mask=1)
    d.id.write_direct_chunk((10, 4), raw[3].view("u1").reshape(40, 4).T.tobytes(), filter_mask=2)


write("mask_each", masked, tuple(VERSIONS))


def unknown_filter_skipped(f):
    d = f.create_dataset("train", (10, 4), "f4", chunks=(10, 4), **hdf5plugin.Zfp(reversible=True))
    d.id.write_direct_chunk((0, 0), np.ascontiguousarray(x[:10, :4]).tobytes(), filter_mask=1)


write("mask_unknown_skipped", unknown_filter_skipped)
write("mask_single", lambda f: f.create_dataset("train", (10, 4), "f4", chunks=(10, 4), compression="gzip").id.write_direct_chunk((0, 0), np.ascontiguousarray(x[:10, :4]).tobytes(), filter_mask=1), tuple(VERSIONS))


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
    for value, chunked in itertools.product((None, 4.0, "undefined"), (True, False)):
        def prepare(p):
            chunked and p.set_chunk((10, 4))
            p.set_fill_time(getattr(h5py.h5d, "FILL_TIME_" + time))
            if isinstance(value, float):
                p.set_fill_value(np.array(value, "f4"))
        if value == "undefined":
            continue
        write(f"fill_time_{time}_{value}_{'chunked' if chunked else 'contiguous'}", lambda f: low_level(f, h5py.h5t.IEEE_F32LE, None, (37, 11), prepare=prepare))
write("fill_nan", unwritten((10, 4), np.nan))

# Files, groups and links.
for size in (512, 1024, 4096):
    write(f"user_block_{size}", lambda f: f.create_dataset("train", data=x, chunks=(10, 4), compression="gzip"), tuple(VERSIONS), userblock_size=size)
for name in ("user_block_added", "user_block_other"):
    with h5py.File(path(name), "w", userblock_size=512 if name.endswith("other") else 0) as f:
        f["train"] = x
    data = open(path(name), "rb").read()
    open(path(name), "wb").write(bytes(512) + data if name.endswith("added") else bytes(512) + data)
    keep(name)


def many(f):
    for i in range(250):
        f[f"x{i:03}"] = np.zeros(3)
    f["train"] = x
    for i in range(250):
        f[f"y{i}"] = np.zeros((2, 2))


write("many", many, tuple(VERSIONS))


def huge_group(f):
    for i in range(3000):
        f.create_group(f"a group with a name that is long enough to fill blocks {i}")
    f["train"] = x


write("many_groups", huge_group, ("v0", "latest"))


def ordered(f):
    g = f.create_group("g", track_order=True)
    for i in range(30):
        g[f"x{i}"] = np.zeros(2)
    g["deep"] = x
    f["train"] = h5py.SoftLink("g/deep")


write("links_ordered", ordered, tuple(VERSIONS))


def linked(f):
    f["a/b/c/real"] = x
    f["a/hard"] = f["a/b/c/real"]
    f["a/soft"] = h5py.SoftLink("/a/hard")
    f["a/b/relative"] = h5py.SoftLink("c/real")
    f["group"] = h5py.SoftLink("/a")
    f["train"] = h5py.SoftLink("/group/b/relative")
    f["a/loop"] = f["a"]


write("links_soft", linked, tuple(VERSIONS))


def hard(f):
    f["other"] = x
    f["train"] = f["other"]


write("links_hard", hard)
write("links_dangling", lambda f: f.__setitem__("train", h5py.SoftLink("/nothing")))
write("links_cycle", lambda f: (f.__setitem__("train", h5py.SoftLink("/other")), f.__setitem__("other", h5py.SoftLink("/train"))))
write("links_external", lambda f: f.__setitem__("train", h5py.ExternalLink("many_v0.hdf5", "/train")))
write("links_group", lambda f: f.create_group("train"))
write("links_type", lambda f: f.__setitem__("train", np.dtype("f4")))
write("links_none", lambda f: f.__setitem__("other", x))


def attributes(f):
    d = f.create_dataset("train", data=x, track_times=True, chunks=(10, 4))
    for i in range(40):
        d.attrs[f"attribute {i}"] = np.arange(i + 1.0)


write("attributes", attributes, tuple(VERSIONS))


def late_attributes(f):
    d = f.create_dataset("train", data=x, track_times=False)
    f["other"] = 3
    for i in range(7):
        d.attrs[f"attribute {i}"] = np.arange(100.0)
        f.attrs[f"attribute {i}"] = np.arange(100.0)


write("attributes_late", late_attributes, tuple(VERSIONS))
write("track_order", lambda f: f.create_dataset("train", data=x, track_order=True, track_times=True), tuple(VERSIONS), track_order=True)


def virtual(f):
    layout = h5py.VirtualLayout(shape=(37, 11), dtype="f4")
    layout[:] = h5py.VirtualSource("many_v0.hdf5", "train", shape=(37, 11))
    f.create_virtual_dataset("train", layout)


write("virtual", virtual, ("v0", "latest"))
write("external_storage", lambda f: f.create_dataset("train", data=x, external=[(path("raw").replace(".hdf5", ".bin"), 0, h5py.h5f.UNLIMITED)]))
for strategy in ("page", "fsm", "aggregate", "none"):
    write(f"space_{strategy}", lambda f: f.create_dataset("train", data=x, chunks=(10, 4)), ("v0", "latest"), fs_strategy=strategy, fs_persist=strategy in ("page", "fsm"))


def sizes(offset, length):
    plist = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    plist.set_sizes(offset, length)
    for name, low in (("v0", h5py.h5f.LIBVER_EARLIEST), ("latest", h5py.h5f.LIBVER_LATEST)):
        access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
        access.set_libver_bounds(low, h5py.h5f.LIBVER_LATEST)
        full = f"sizes_{offset}_{length}_{name}"
        with h5py.File(h5py.h5f.create(path(full).encode(), h5py.h5f.ACC_TRUNC, plist, access)) as f:
            many(f)
            for i, options in enumerate(({}, {"maxshape": (None, 11)}, {"maxshape": (None, None)}, {"compression": "gzip"})):
                del f["train"]
                f.create_dataset("train", data=x, chunks=(3, 4), **options)
        keep(full)


sizes(4, 4)
sizes(4, 8)
sizes(8, 4)

with h5py.File(path("swmr_open"), "w", libver="latest") as f:
    f.create_dataset("train", data=x, chunks=(10, 11), maxshape=(None, 11))
    f.swmr_mode = True
    f.flush()
    data = open(path("swmr_open"), "rb").read()
open(path("swmr_open"), "wb").write(data)
keep("swmr_open")
with h5py.File(path("trailing"), "w") as f:
    f["train"] = x
with open(path("trailing"), "ab") as f:
    f.write(b"more bytes")
keep("trailing")


# Headers that announce more than the file holds, and chunks that decompress to another size.
for name, shape, chunk in (("rows", (1 << 40, 8), (4096, 8)), ("fill", (1 << 30, 64), (1 << 20, 64)), ("columns", (3, 1 << 40), (1, 1 << 20)), ("contiguous", (1 << 28, 8), None)):
    with h5py.File(path("hostile_" + name), "w", libver="latest") as f:
        f.create_dataset("train", shape, "f4", chunks=chunk)
packed = {"gzip": (dict(compression="gzip"), zlib.compress), "bzip2": (hdf5plugin.BZip2(), bz2.compress)}
for (name, (options, compress)), size in itertools.product(packed.items(), (159, 161, 1 << 22)):
    with h5py.File(path(f"hostile_{name}_{size}"), "w") as f:
        f.create_dataset("train", (10, 4), "f4", chunks=(10, 4), **options).id.write_direct_chunk((0, 0), compress(bytes(size)))
