"""Writes HDF5 files, and damaged copies of each. usage: hdf5_damage.py FOLDER COPIES

FILE.hdf5 is whole, FILE-<i>.hdf5 is a copy with one damage (seed 0): a bit is flipped, up to 8 bytes become 0 or 255, or the
file is cut. Beside each stands .npy with what h5py reads of "train" as float32, if it reads an n x d matrix of real numbers.
Each file is read in a process of its own, since h5py may crash.
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
x = rng.standard_normal((60, 7)).astype("f4")


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


def damaged(data):
    data, at = bytearray(data), int(rng.integers(len(data)))
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


gzip = dict(chunks=(8, 4), compression="gzip")
kinds = {
    "contiguous": (None, many, {}), "gzip": (None, many, gzip), "sparse": (None, sparse, {}),
    "fletcher": (None, many, dict(chunks=(60, 7), fletcher32=True, shuffle=True, maxshape=(None, 7))),
    "zstd": (None, many, dict(chunks=(30, 7), **hdf5plugin.Zstd())), "lz4": (None, many, dict(chunks=(30, 7), **hdf5plugin.LZ4())),
    "fixed": ("latest", many, gzip), "extensible": ("latest", many, gzip | dict(chunks=(1, 4), maxshape=(None, 7))),
    "tree": ("v110", many, gzip | dict(chunks=(2, 2), maxshape=(None, None))), "single": ("latest", many, dict(chunks=(60, 7), compression="lzf")),
    "plain_chunks": ("v108", sparse, {}), "compact_groups": ("v114", lambda f: f.create_dataset("train", data=x), {}),
}
for name, (version, fill, options) in kinds.items():
    path = f"{out}/{name}.hdf5"
    with h5py.File(path, "w", libver=version and (version if version == "latest" else (version, version))) as f:
        fill(f, **options)
    read(path)
    data = open(path, "rb").read()
    for i in range(copies):
        path = f"{out}/{name}-{i}.hdf5"
        open(path, "wb").write(damaged(data))
        read(path)
