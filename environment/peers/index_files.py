"""Writes index files of FAISS, hnswlib and usearch, and what their own searches answer.

    index_files.py BASE.npy QUERIES.npy M EF_CONSTRUCTION EF,EF… K,K… KIND ...

A KIND is faiss-l2, faiss-ip, faiss-map, faiss-map2, hnswlib-l2, hnswlib-ip, hnswlib-cosine, usearch-l2sq, usearch-ip or usearch-cos,
with -deleted for an index of which every ninth vector is marked as deleted, with -filtered for searches with a filter that accepts
every tenth vector, beginning with the third, and with -f16 or -bf16 for that type in usearch. It becomes the files KIND.index and KIND.json, the answers to each query for each k and efSearch. IDs are external ones: 7 i − 500 in
FAISS's maps, 3 i + 1 in hnswlib, i + 10 in usearch. Old versions of the libraries run it as well.
"""

import json
import sys

import numpy


def faiss_index(base, m, ef_construction, options):
    import faiss

    faiss.omp_set_num_threads(1)
    metric = [faiss.METRIC_INNER_PRODUCT] if "ip" in options else []
    index = faiss.IndexHNSWFlat(base.shape[1], m, *metric)
    index.hnsw.efConstruction = ef_construction
    inner = index
    if "map" in options or "map2" in options:
        index = faiss.IndexIDMap2(inner) if "map2" in options else faiss.IndexIDMap(inner)
        index.add_with_ids(base, numpy.arange(len(base), dtype="int64") * 7 - 500)
    else:
        index.add(base)

    accepted = faiss.IDSelectorBatch(numpy.arange(3, len(base), 10)) if "filtered" in options else None

    def search(query, k, ef):
        inner.hnsw.efSearch = ef
        if accepted is not None:
            parameters = faiss.SearchParametersHNSW(sel=accepted, efSearch=ef)
            return [int(i) for i in index.search(query[None], k, params=parameters)[1][0] if i >= 0]
        # faiss gives −1 for a missing answer, but the IDs of a map may be −1 too: the distance tells
        distances, ids = index.search(query[None], k)
        worst = numpy.finfo("float32").max
        return [int(i) for i, d in zip(ids[0], distances[0]) if abs(d) < worst]

    return lambda path: faiss.write_index(index, path), search


def hnswlib_index(base, m, ef_construction, options):
    import hnswlib

    space = next(s for s in ("l2", "ip", "cosine") if s in options)
    index = hnswlib.Index(space=space, dim=base.shape[1])
    index.init_index(max_elements=len(base) + 5, ef_construction=ef_construction, M=m, random_seed=7)
    index.set_num_threads(1)
    labels = numpy.arange(len(base)) * 3 + 1
    index.add_items(base, labels)
    if "deleted" in options:
        for label in labels[::9]:
            index.mark_deleted(int(label))

    def search(query, k, ef):
        index.set_ef(ef)
        options_of_search = {"filter": lambda label: (label - 1) // 3 % 10 == 3, "num_threads": 1} if "filtered" in options else {}
        return [int(i) for i in index.knn_query(query[None], k=k, **options_of_search)[0][0]]

    return index.save_index, search


def usearch_index(base, m, ef_construction, options):
    import usearch.index

    dtype = next((d for d in ("f16", "bf16") if d in options), "f32")
    metric = next(s for s in ("l2sq", "ip", "cos") if s in options)
    index = usearch.index.Index(ndim=base.shape[1], metric=metric, dtype=dtype, connectivity=m, expansion_add=ef_construction)
    index.add(numpy.arange(len(base)) + 10, base, threads=1)
    if "deleted" in options:
        for key in (numpy.arange(len(base)) + 10)[::9]:
            index.remove(int(key))

    def search(query, k, ef):
        index.expansion_search = ef
        found = index.search(query, k, threads=1)
        return [int(key) for key in getattr(found, "keys", getattr(found, "labels", None))]

    return index.save, search


def main():
    base, queries = numpy.load(sys.argv[1]), numpy.load(sys.argv[2])
    m, ef_construction = int(sys.argv[3]), int(sys.argv[4])
    efs, ks = ([int(n) for n in text.split(",")] for text in sys.argv[5:7])
    for kind in sys.argv[7:]:
        library, *options = kind.split("-")
        make = {"faiss": faiss_index, "hnswlib": hnswlib_index, "usearch": usearch_index}[library]
        save, search = make(base, m, ef_construction, options)
        save(kind + ".index")
        answers = [{"k": k, "ef": ef, "ids": [search(q, k, ef) for q in queries]} for ef in efs for k in ks]
        with open(kind + ".json", "w") as file:
            json.dump(answers, file, separators=(",", ":"))


if __name__ == "__main__":
    main()
