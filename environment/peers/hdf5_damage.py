"""Writes HDF5 files, and damaged copies of each. usage: hdf5_damage.py FOLDER COPIES

FILE.hdf5 is whole, FILE-<i>.hdf5 is a copy with one damage (seed 0), a third of them in a chunk: a bit is flipped, up to 8
bytes are overwritten, or the file is cut. The .npy of the same name holds "train" as h5py reads it, in float32, if that is an
n x d matrix of real numbers. Each file is read in its own process, because h5py can crash.
"""
import os
import resource
import signal
import sys

import h5py
import hdf5plugin
import numpy as np

out, copies = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(0)
x = rng.standard_normal((60, 7)).round(1).astype("f4")  # rounded, so that the data can be compressed


def read(path):
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        signal.alarm(10)
        try:
            with h5py.File(path, "r") as f, np.errstate(all="ignore"):
                values = f["train"][()]
                if values.ndim == 2 and values.dtype.kind in "iuf":
                    np.save(path.replace(".hdf5", ".npy"), values.astype("f4"))
        except BaseException:
            os._exit(1)
        os._exit(0)
    os.waitpid(child, 0)


def chunk_of(path):
    """The bytes of the first chunk of train, if it has chunks."""
    with h5py.File(path, "r") as f:
        if f["train"].chunks:
            chunk = f["train"].id.get_chunk_info(0)
            return chunk.byte_offset, chunk.byte_offset + chunk.size
        return 0, os.path.getsize(path)


def damaged(data, chunk):
    data, at = bytearray(data), int(rng.integers(len(data)))
    if rng.integers(3) == 0:
        at = int(rng.integers(*chunk))
    kind, size = rng.integers(7), int(rng.integers(1, 9))
    if kind < 3:
        data[at] ^= 1 << int(rng.integers(8))
    elif kind == 6:
        del data[at:]
    else:
        size = min(size, len(data) - at)
        data[at : at + size] = bytes([0, 255, rng.integers(256)][kind - 3] for _ in range(size))
    return bytes(data)


def many(f, **options):
    for i in range(20):
        f[f"beside {i}"] = np.zeros(2)
    f.create_dataset("train", data=x, **options)


def sparse(f, **options):
    d = f.create_dataset("train", (60, 7), "f4", chunks=(8, 4), fillvalue=3, **options)
    d[5:20] = x[5:20]


def one(**options):
    return dict(chunks=(60, 7), **options)


gzip = dict(chunks=(8, 4), compression="gzip")
kinds = {
    "contiguous": (None, many, {}), "gzip": (None, many, gzip), "sparse": (None, sparse, {}),
    "fletcher": (None, many, dict(chunks=(60, 7), fletcher32=True, shuffle=True, maxshape=(None, 7))),
    "zstd": (None, many, dict(chunks=(30, 7), **hdf5plugin.Zstd())), "lz4": (None, many, dict(chunks=(30, 7), **hdf5plugin.LZ4())),
    "blosc": (None, many, one(**hdf5plugin.Blosc(cname="blosclz", clevel=9))), "bzip2": (None, many, one(**hdf5plugin.BZip2())),
    "blosc_lz4": (None, many, one(**hdf5plugin.Blosc(cname="lz4", shuffle=2))),
    "snappy": (None, many, one(**hdf5plugin.Blosc(cname="snappy"))),
    "bitshuffle": (None, many, one(**hdf5plugin.Bitshuffle())), "lzf": (None, many, one(compression="lzf")),
    "fixed": ("latest", many, gzip), "extensible": ("latest", many, gzip | dict(chunks=(1, 4), maxshape=(None, 7))),
    "tree": ("v110", many, gzip | dict(chunks=(2, 2), maxshape=(None, None))), "single": ("latest", many, one(compression="lzf")),
    "plain_chunks": ("v108", sparse, {}), "compact_groups": ("v114", lambda f: f.create_dataset("train", data=x), {}),
}
for name, (version, fill, options) in kinds.items():
    path = f"{out}/{name}.hdf5"
    with h5py.File(path, "w", libver=version and (version if version == "latest" else (version, version))) as f:
        fill(f, **options)
    read(path)
    data, chunk = open(path, "rb").read(), chunk_of(path)
    for i in range(copies):
        path = f"{out}/{name}-{i}.hdf5"
        open(path, "wb").write(damaged(data, chunk))
        read(path)
