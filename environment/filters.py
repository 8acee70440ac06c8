"""Searches with a filter in FAISS and hnswlib, for package filters.

usage: filters.py BASE.npy QUERIES.npy LABELS.npy M EF_CONSTRUCTION K EF[,EF...] OUT

Builds an index of FAISS (IndexHNSWFlat) and one of hnswlib, and searches each for the vectors of every label: FAISS with an
IDSelector, hnswlib with a filter function. OUT/index.faiss is the index of FAISS; OUT/answers.json holds the rows found, by engine,
label, efSearch and query. An empty slot is left out.
"""

import json
import os
import sys

import faiss
import hnswlib
import numpy


def in_faiss(index, queries, members, k, ef):
    """Returns the answers of FAISS among the members."""
    selector = faiss.IDSelectorBatch(members)
    _, ids = index.search(queries, k, params=faiss.SearchParametersHNSW(efSearch=ef, sel=selector))
    return [[int(i) for i in row if i >= 0] for row in ids]


def in_hnswlib(index, queries, members, k, ef):
    """Returns the answers of hnswlib among the members. It answers with an error if it finds fewer than k, so k is lowered."""
    wanted = set(members.tolist())
    index.set_ef(ef)
    return [first(index, query, wanted, k) for query in queries]


def first(index, query, wanted, k):
    for fewer in range(k, 0, -1):
        try:
            ids, _ = index.knn_query(query[None], k=fewer, filter=lambda i: i in wanted, num_threads=1)
            return [int(i) for i in ids[0]]
        except RuntimeError:  # fewer were found
            continue
    return []


def main(base, queries, labels, m, ef_construction, k, efs, out):
    base, queries, labels = (numpy.load(path) for path in (base, queries, labels))
    m, ef_construction, k, efs = int(m), int(ef_construction), int(k), [int(ef) for ef in efs.split(",")]
    faiss.omp_set_num_threads(1)
    built = faiss.IndexHNSWFlat(base.shape[1], m)
    built.hnsw.efConstruction = ef_construction
    built.add(base)
    faiss.write_index(built, os.path.join(out, "index.faiss"))
    other = hnswlib.Index(space="l2", dim=base.shape[1])
    other.init_index(len(base), ef_construction=ef_construction, M=m, random_seed=7)
    other.set_num_threads(1)
    other.add_items(base)
    answers = {"faiss": {}, "hnswlib": {}}
    for label in numpy.unique(labels):
        members = numpy.flatnonzero(labels == label).astype("int64")
        answers["faiss"][str(label)] = {str(ef): in_faiss(built, queries, members, k, ef) for ef in efs}
        answers["hnswlib"][str(label)] = {str(ef): in_hnswlib(other, queries, members, k, ef) for ef in efs}
    with open(os.path.join(out, "answers.json"), "w") as file:
        json.dump(answers, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
