"""Functions shared by hdf5_types, hdf5_layouts, hdf5_filters and hdf5_groups. x is 37 x 11, seed 0."""
import ctypes
import glob
import os
import sys

import h5py
import numpy as np

out = sys.argv[1]
rng = np.random.default_rng(0)
x = rng.standard_normal((37, 11)).astype("f4")
whole = rng.integers(0, 100, x.shape)
VERSIONS = {"v0": None, "latest": "latest"} | {v: (v, v) for v in ("v108", "v110", "v112", "v114")}
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


LIBRARY = ctypes.CDLL(glob.glob(os.path.join(os.path.dirname(h5py.__file__), "..", "h5py.libs", "libhdf5-*"))[0])


def libhdf5(name, plist, *arguments):
    """Calls a function that h5py does not offer."""
    if getattr(LIBRARY, name)(ctypes.c_int64(plist.id), *arguments) < 0:
        raise OSError(name)


def low_level(f, kind, data=x, shape=None, maxshape=None, prepare=lambda p: None, name="train"):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    prepare(plist)
    space = h5py.h5s.create_simple(shape or data.shape, maxshape)
    d = h5py.h5d.create(f.id, name.encode(), kind, space, plist)
    if data is not None:
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(data))
    return h5py.Dataset(d)
