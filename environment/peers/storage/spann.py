"""SPTAG's SPANN: a graph of head vectors in memory, posting lists on storage. sptag 1.6.8 has wheels for Python 3.9 alone.

The share of head vectors is what the budget holds at 4r + d + 44 bytes a head: its vector, a graph of r = 32 links, two nodes of the tree (12
bytes each), its identifier (8) and the place of its list (24, read from the file's header). ReplicaCount and RNGFactor are SPTAG's; the page limit
is raised so that lists of replicated vectors are not cut. The effort is SearchInternalResultNum, the number of lists. SPTAG reads
lists by asynchronous I/O, which no system call counter sees: reads are the number of lists.
"""

import ctypes
import importlib.util
import os
from importlib.metadata import version

import numpy as np

from counting import K, Files, arguments, built, bvecs, efforts, report

# The wheel's module does not find the library beside it, unless it is loaded before.
ctypes.CDLL(os.path.join(importlib.util.find_spec("sptag").submodule_search_locations[0], "libSPTAGLib.so"))
from sptag import SPTAG  # noqa: E402

LINKS, REPLICAS, PAGE = 32, 8, 4096


def head_bytes(d):
    return 4 * LINKS + d + 24 + 8 + 24


def build(a):
    base = np.ascontiguousarray(bvecs(a.base))
    n, d = base.shape
    share = min(0.2, a.budget / head_bytes(d))
    pages = int(np.ceil(2 * REPLICAS / share * (d + 4) / PAGE)) + 1
    data = os.path.join(a.index, "vectors")
    with open(data, "wb") as f:
        np.array([n, d], np.int32).tofile(f)
        base.tofile(f)
    index = SPTAG.AnnIndex("SPANN", "UInt8", d)

    def put(section, **values):
        for name, value in values.items():
            index.SetBuildParam(name, str(value), section)

    put("Base", ValueType="UInt8", DistCalcMethod="L2", IndexAlgoType="BKT", Dim=d, VectorPath=data, VectorType="DEFAULT", IndexDirectory=a.index)
    put("SelectHead", isExecute="true", Ratio=share, NumberOfThreads=2, SelectThreshold=0, SplitFactor=0, SplitThreshold=0)
    put("BuildHead", isExecute="true", NeighborhoodSize=LINKS, NumberOfThreads=2)
    put("BuildSSDIndex", isExecute="true", BuildSsdIndex="true", NumberOfThreads=2, InternalResultNum=64, ReplicaCount=REPLICAS,
        PostingPageLimit=pages, SearchPostingPageLimit=pages, TmpDir=a.index)
    if not index.BuildSPANN(False) or not index.Save(a.index):
        raise SystemExit("SPTAG did not build its index")
    os.remove(data)
    return {"pages": pages}


def open_index(a):
    index = SPTAG.AnnIndex.Load(a.index)
    d = bvecs(a.base).shape[1]
    heads = os.path.getsize(os.path.join(a.index, "SPTAGHeadVectorIDs.bin")) // 8

    def search(effort):
        for name, value in (("SearchInternalResultNum", effort), ("NumberOfThreads", 1)):
            index.SetSearchParam(name, str(value), "BuildSSDIndex")
        return lambda q: index.Search(q, K)[0]

    return {
        "peer": "sptag-spann", "library": "sptag " + version("sptag"), "stored": "uint8", "effort_name": "lists",
        "setting": f"{heads} heads, {REPLICAS} replicas, up to {opened['pages']} pages a list",
        "memory": float(heads) * head_bytes(d), "memory_formula": "heads × (4 · 32 + d + 56)",
        "search": search, "efforts": [e for e in efforts(a, [1, 2, 4, 8, 16, 32, 64, 128]) if e <= heads],
        "files": Files(os.path.join(a.index, "SPTAGFullList.bin")), "vectors": None,
        "reads": lambda row: None, "reads_from": "not counted: asynchronous I/O",
    }


args = arguments()
opened = built(args, build)
report(args, lambda a: open_index(a) | {"build_seconds": opened["build_seconds"]})
