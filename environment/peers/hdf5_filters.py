"""Filters, filter masks, and chunks that decompress to another size."""
import bz2
import itertools
import zlib

import h5py
import hdf5plugin
import numpy as np

from hdf5_write import VERSIONS, few, libhdf5, low_level, path, rng, train, whole, write, x

filters = {
    "gzip0": dict(compression="gzip", compression_opts=0), "gzip9": dict(compression="gzip", compression_opts=9),
    "shuffle": dict(shuffle=True), "shuffle_gzip": dict(shuffle=True, compression="gzip"), "fletcher": dict(fletcher32=True),
    "gzip_fletcher": dict(compression="gzip", fletcher32=True, shuffle=True), "lzf": dict(compression="lzf"),
    "lzf_shuffle": dict(compression="lzf", shuffle=True), "szip": dict(compression="szip"),
    "zstd": hdf5plugin.Zstd(), "zstd19": hdf5plugin.Zstd(clevel=19), "lz4": hdf5plugin.LZ4(), "lz4_blocks": hdf5plugin.LZ4(nbytes=64),
    "bzip2": hdf5plugin.BZip2(), "blosc2": hdf5plugin.Blosc2(),
    "zfp": hdf5plugin.Zfp(reversible=True), "zfp_lossy": hdf5plugin.Zfp(accuracy=0.01),
    "sz": hdf5plugin.SZ(absolute=0.01), "sz3": hdf5plugin.SZ3(absolute=0.01), "sperr": hdf5plugin.Sperr(),
    "bitshuffle": hdf5plugin.Bitshuffle(),
    "bitshuffle_zstd": hdf5plugin.Bitshuffle(cname="zstd"), "bitshuffle_none": hdf5plugin.Bitshuffle(cname="none"),
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
integers = {"scaleoffset": dict(scaleoffset=0), "lzf": dict(compression="lzf"), "szip": dict(compression="szip"),
            "blosc": hdf5plugin.Blosc(), "bitshuffle": hdf5plugin.Bitshuffle()}
for name, options in integers.items():
    for kind in ("i1", "i2", "i4", "u8"):
        train(f"filter_{name}_i_{kind}", whole.astype(kind), chunks=(10, 11), **options)


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


def nbit(f):
    def prepare(p):
        p.set_chunk((10, 11))
        libhdf5("H5Pset_nbit", p)
    low_level(f, h5py.h5t.STD_I32LE, whole.astype("i4"), prepare=prepare)


write("filter_nbit", nbit)


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


def only_chunk_skips(f):
    d = f.create_dataset("train", (10, 4), "f4", chunks=(10, 4), compression="gzip")
    d.id.write_direct_chunk((0, 0), np.ascontiguousarray(x[:10, :4]).tobytes(), filter_mask=1)


write("mask_single", only_chunk_skips, tuple(VERSIONS))


# Headers that announce more than the file holds, and chunks that decompress to another size.
hostile = {"rows": ((1 << 40, 8), (4096, 8)), "fill": ((1 << 30, 64), (1 << 20, 64)), "columns": ((3, 1 << 40), (1, 1 << 20)),
           "contiguous": ((1 << 28, 8), None)}
for name, (shape, chunk) in hostile.items():
    with h5py.File(path("hostile_" + name), "w", libver="latest") as f:
        f.create_dataset("train", shape, "f4", chunks=chunk)
packed = {"gzip": (dict(compression="gzip"), zlib.compress), "bzip2": (hdf5plugin.BZip2(), bz2.compress)}
for (name, (options, compress)), size in itertools.product(packed.items(), (159, 161, 1 << 22)):
    with h5py.File(path(f"hostile_{name}_{size}"), "w") as f:
        f.create_dataset("train", (10, 4), "f4", chunks=(10, 4), **options).id.write_direct_chunk((0, 0), compress(bytes(size)))
