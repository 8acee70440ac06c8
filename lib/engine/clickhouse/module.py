"""ClickHouse, as the library chDB, for the side process; see package side."""
import itertools
import os

import numpy as np
import pyarrow
from chdb import session

# The function, the order, and settings. An answer straight from the index has 1 - the inner product, in the order of the inner
# product, which is wrong; with rescoring, ClickHouse computes the product of the rows that the index returns.
METRICS = {
    "euclidean": ("L2Distance", "ASC", ""),
    "cosine": ("cosineDistance", "ASC", ""),
    "inner product": ("dotProduct", "DESC", ", vector_search_with_rescoring = 1"),
}
LIMIT = 1000  # the default of the largest LIMIT that is answered by an index
ROW = np.dtype([("id", "<i4"), ("distance", "<f8")])  # of the format RowBinary
numbers = itertools.count()
databases = []  # the one of this process; ClickHouse has one for a process


def database(threads):
    if not databases:
        settings = f"custom_local_disks_base_directory=/&max_build_vector_similarity_index_thread_pool_size={threads}"
        databases.append(session.Session(os.path.abspath("database") + "?" + settings))
        databases[0].query("SET max_query_size = 1000000000")
    return databases[0]


class Index:
    def __init__(self, metric, threads):
        self.database, self.table, self.threads = database(threads), f"points{next(numbers)}", threads
        self.function, self.order, self.settings = METRICS[metric]
        self.confirmed = set()  # (k, whether there is a filter) of queries that use the index

    def query(self, statement, form="TSV"):
        return self.database.query(statement, form).bytes()


def build(vectors, attributes, metric, m, ef_construction, seed, threads, folder):
    index = Index(metric, threads)
    column = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(vectors.ravel()), vectors.shape[1])
    attribute = np.zeros(len(vectors), np.int32) if attributes is None else attributes
    rows = pyarrow.table({"id": np.arange(len(vectors), dtype=np.int32), "attribute": attribute, "v": column})
    graph = f"vector_similarity('hnsw', '{index.function}', {vectors.shape[1]}, 'f32', {m}, {ef_construction})"
    index.query(
        f"CREATE TABLE {index.table} (id Int32, attribute Int32, v Array(Float32), INDEX graph v TYPE {graph}) "
        f"ENGINE = MergeTree ORDER BY id SETTINGS disk = disk(type = 'local', path = '{os.path.abspath(folder)}/')"
    )
    index.query(f"INSERT INTO {index.table} SELECT * FROM Python(rows) SETTINGS materialize_skip_indexes_on_insert = 0")
    # One part, and thus one graph.
    index.query(f"OPTIMIZE TABLE {index.table} FINAL SETTINGS optimize_throw_if_noop = 1")
    parts = index.query(
        "SELECT rows, secondary_indices_uncompressed_bytes > 0 FROM system.parts "
        f"WHERE active AND database = currentDatabase() AND table = '{index.table}'"
    )
    if parts.split() != [str(len(vectors)).encode(), b"1"]:
        raise RuntimeError(f"the rows and indexes of the parts are {parts.split()}, not one of {len(vectors)} rows with an index")
    return index


def confirm(index, vectors, ids, statement):
    """Raise an error if ClickHouse plans to answer without the index: it would say nothing, and compare with every row."""
    if b"vector_similarity" not in index.query("EXPLAIN indexes = 1 " + statement):
        raise RuntimeError("ClickHouse would not use its index for this query")


def ask(index, vectors, ids, k, ef, below=None):
    where = "" if below is None else f"WHERE attribute < {below}"
    answers = []
    for vector in vectors:
        statement = (
            f"SELECT id, {index.function}(v, {vector.tolist()}) AS distance FROM {index.table} {where} "
            f"ORDER BY distance {index.order} LIMIT {k} SETTINGS hnsw_candidate_list_size_for_search = {ef}, "
            f"max_limit_for_vector_search_queries = {max(k, LIMIT)}, max_threads = {index.threads}{index.settings}"
        )
        if (k, below is None) not in index.confirmed:
            confirm(index, None, None, statement)
            index.confirmed.add((k, below is None))
        answers.append(np.frombuffer(index.query(statement, "RowBinary"), ROW))
    return [answer["id"] for answer in answers], [answer["distance"] for answer in answers]


def delete(index, vectors, ids):
    index.query(f"DELETE FROM {index.table} WHERE id IN ({', '.join(map(str, ids))})")
    index.confirmed.clear()


def close(index):
    index.query(f"DROP TABLE {index.table} SYNC")
