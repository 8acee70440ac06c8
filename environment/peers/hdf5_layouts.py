"""Layouts and chunk indexes."""
import itertools

import h5py

from hdf5_write import VERSIONS, libhdf5, low_level, rng, train, write, x

CHUNKS = (10, 4), (37, 11), (64, 16), (1, 1), (3, 11), (37, 1), (5, 20)
MAXSHAPES = None, (37, None), (None, 11), (None, None), (100, 30), (64, 16)
for version in ("v0", "v108", "v110", "latest"):
    for chunk, maxshape in itertools.product(CHUNKS, MAXSHAPES):
        if any(m is not None and m < c for m, c in zip(maxshape or x.shape, chunk)):
            continue
        name = f"chunk_{chunk[0]}x{chunk[1]}_max_{'x'.join(map(str, maxshape or ()))}"
        train(name, versions=(version,), chunks=chunk, maxshape=maxshape)
        train(name + "_gzip", versions=(version,), chunks=chunk, maxshape=maxshape, compression="gzip")


def early(f, maxshape=None):
    def prepare(p):
        p.set_chunk((10, 4))
        p.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    low_level(f, h5py.h5t.IEEE_F32LE, x, maxshape=maxshape, prepare=prepare)


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


def edge_unfiltered(maxshape):
    def prepare(p):
        p.set_chunk((10, 4))
        p.set_deflate(4)
        libhdf5("H5Pset_chunk_opts", p, 2)
    return lambda f: low_level(f, h5py.h5t.IEEE_F32LE, maxshape=maxshape, prepare=prepare)


unlimited = h5py.h5s.UNLIMITED
for name, maxshape in {"fixed": None, "extensible": (unlimited, 11), "tree": (unlimited, unlimited)}.items():
    write("index_edge_unfiltered_" + name, edge_unfiltered(maxshape), ("v110", "latest"))
