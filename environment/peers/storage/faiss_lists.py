"""FAISS's OnDiskInvertedLists: inverted lists in one mapped file, the centroids in memory.

Ways (--way):
  flat         lists of the vectors themselves, one byte a component (QT_8bit_direct, exact for bytes)
  flat-random  the same index; the mapping is advised MADV_RANDOM, so that the kernel reads no page ahead
  pq           lists of product-quantised residuals of 32 bytes; the best effort × 10 of the lists are refined with rows that
               this script reads from a file of vectors by pread. FAISS's tables for all lists are not computed: they would take
               256 × 32 × 4 bytes a list.

Memory: 4d bytes a centroid and 24 bytes a list (size, capacity, offset). The effort is nprobe; with pq, a tenth of the refined vectors,
at 64 lists.
"""

import os

import faiss
import numpy as np

from counting import K, Files, advise, arguments, built, bvecs, efforts, report
from rows import Rows, write_rows

CODE, PROBES = 32, 64


def lists_of(a, base):
    return max(1, min(int(a.budget * len(base) / (4 * base.shape[1] + 24)), len(base) // 39))


def build(a):
    base = bvecs(a.base)
    d, lists = base.shape[1], lists_of(a, base)
    coarse = faiss.IndexFlatL2(d)
    if a.way == "pq":
        index = faiss.IndexIVFPQ(coarse, d, lists, min(CODE, d), 8)
        index.use_precomputed_table = -1
        index.pq.cp.seed = a.seed
        write_rows(os.path.join(a.index, "vectors"), base)
    else:
        index = faiss.IndexIVFScalarQuantizer(coarse, d, lists, faiss.ScalarQuantizer.QT_8bit_direct, faiss.METRIC_L2, False)
    index.cp.seed, index.cp.niter = a.seed, 10
    index.cp.max_points_per_centroid = 128
    index.train(base[:].astype(np.float32))
    for start in range(0, len(base), 65536):
        index.add(base[start : start + 65536].astype(np.float32))
    on_disk = faiss.OnDiskInvertedLists(index.nlist, index.code_size, os.path.join(a.index, "lists"))
    memory = faiss.InvertedListsPtrVector()
    memory.push_back(index.invlists)
    on_disk.merge_from_multiple(memory.data(), 1)
    index.replace_invlists(on_disk, False)
    faiss.write_index(index, os.path.join(a.index, "index"))


def open_index(a):
    faiss.omp_set_num_threads(1)
    index = faiss.read_index(os.path.join(a.index, "index"), faiss.IO_FLAG_ONDISK_SAME_DIR | faiss.IO_FLAG_SKIP_PRECOMPUTE_TABLE)
    lists = faiss.downcast_InvertedLists(index.invlists)
    mapped = (int(lists.ptr), int(lists.totsize))
    if a.way == "flat-random":
        advise(*mapped, 1)  # MADV_RANDOM
    sizes = np.array([lists.list_size(i) for i in range(index.nlist)])
    coarse = faiss.downcast_index(index.quantizer)
    none = np.zeros(1, np.int64)

    def nearest(q, k, probes):
        found = index.search(q[None].astype(np.float32), k, params=faiss.SearchParametersIVF(nprobe=probes))[1][0]
        lists.prefetch_lists(faiss.swig_ptr(none), 0)  # joins the threads that still read ahead for this query
        return found

    common = {
        "library": "faiss " + faiss.__version__, "stored": "uint8", "setting": f"nlist {index.nlist}, {a.way}",
        "memory": index.nlist * (4.0 * index.d + 24), "memory_formula": "nlist × (4d + 24)",
        "reads": lambda row: row["faults"] + row["read_calls"],
        "reads_from": "major faults of the mapping and read system calls",
    }
    if a.way == "pq":
        return common | refined(a, index, mapped, nearest)
    return common | {
        "peer": "faiss-ivf-" + a.way, "effort_name": "nprobe",
        "search": lambda n: lambda q: nearest(q, K, n),
        "efforts": [n for n in efforts(a, [1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256]) if n <= index.nlist],
        "files": Files(os.path.join(a.index, "lists"), maps=[mapped]),
        "vectors": lambda n, row, qs: sizes[coarse.search(qs.astype(np.float32), n)[1]].sum(1),
    }


def refined(a, index, mapped, nearest):
    vectors = Rows(os.path.join(a.index, "vectors"), index.d)
    probes = min(PROBES, index.nlist)
    return {
        "peer": "faiss-ivf-pq", "effort_name": "refine factor",
        "setting": f"nlist {index.nlist}, nprobe {probes}, codes of {index.code_size} bytes on storage, rows refined by pread",
        "memory": index.nlist * (4.0 * index.d + 24) + index.pq.M * 256 * index.pq.dsub * 4, "memory_formula": "nlist × (4d + 24) + 1,024 d",
        "search": lambda n: lambda q: vectors.nearest(q, nearest(q, n * K, probes), K), "efforts": efforts(a, [1, 2, 4, 8, 16, 32]),
        "files": Files(os.path.join(a.index, "lists"), os.path.join(a.index, "vectors"), maps=[mapped]),
        "vectors": lambda n, row, qs: [n * K],
    }


args = arguments(way="flat")
opened = built(args, build)
report(args, lambda a: open_index(a) | opened)
