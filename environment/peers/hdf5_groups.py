"""User blocks, groups, links, attributes, and properties of files."""
import ctypes
import os

import h5py
import numpy as np

from hdf5_write import VERSIONS, keep, libhdf5, out, path, write, x


def chunked(f):
    f.create_dataset("train", data=x, chunks=(10, 4), compression="gzip")


for size in (512, 1024, 4096):
    write(f"user_block_{size}", chunked, tuple(VERSIONS), userblock_size=size)
for name in ("user_block_added", "user_block_other"):
    with h5py.File(path(name), "w", userblock_size=512 if name.endswith("other") else 0) as f:
        f["train"] = x
    data = open(path(name), "rb").read()
    open(path(name), "wb").write(bytes(512) + data)
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
raw = [(os.path.join(out, "raw.bin"), 0, h5py.h5f.UNLIMITED)]
write("external_storage", lambda f: f.create_dataset("train", data=x, external=raw))
for strategy in ("page", "fsm", "aggregate", "none"):
    write(f"space_{strategy}", chunked, ("v0", "latest"), fs_strategy=strategy, fs_persist=strategy in ("page", "fsm"))


INDEXES = {"plain": {}, "extensible": {"maxshape": (None, 11)}, "tree": {"maxshape": (None, None)}, "gzip": {"compression": "gzip"}}


def created(name, create=lambda p: None, access=lambda p: None):
    """Writes many data sets into files with properties that h5py.File does not offer."""
    for version, low in (("v0", h5py.h5f.LIBVER_EARLIEST), ("latest", h5py.h5f.LIBVER_LATEST)):
        creation, opening = h5py.h5p.create(h5py.h5p.FILE_CREATE), h5py.h5p.create(h5py.h5p.FILE_ACCESS)
        create(creation)
        access(opening)
        opening.set_libver_bounds(low, h5py.h5f.LIBVER_LATEST)
        for kind, options in INDEXES.items():
            full = f"{name}_{kind}_{version}"
            with h5py.File(h5py.h5f.create(path(full).encode(), h5py.h5f.ACC_TRUNC, creation, opening)) as f:
                for i in range(100):
                    f[f"x{i}"] = np.zeros(3)
                f.create_dataset("train", data=x, chunks=(1, 4), **options)
            keep(full)
            if name.startswith("sizes"):  # HDF5 2.0 cannot open the extensible arrays with short lengths that it writes
                np.save(os.path.join(out, full + ".npy"), x)


for offset, length in ((4, 4), (4, 8), (8, 4)):
    created(f"sizes_{offset}_{length}", lambda p: p.set_sizes(offset, length))
created("small_nodes", lambda p: (libhdf5("H5Pset_sym_k", p, 2, 1), libhdf5("H5Pset_istore_k", p, 2)))


def shared_messages(p):
    libhdf5("H5Pset_shared_mesg_nindexes", p, 1)
    libhdf5("H5Pset_shared_mesg_index", p, 0, 0x182A, 1)


class CacheImage(ctypes.Structure):
    _fields_ = [("version", ctypes.c_int), ("generate", ctypes.c_bool), ("save_resize", ctypes.c_bool), ("ageout", ctypes.c_int)]


created("shared_messages", shared_messages)
created("cache_image", access=lambda p: libhdf5("H5Pset_mdc_image_config", p, ctypes.byref(CacheImage(1, True, False, -1))))

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
