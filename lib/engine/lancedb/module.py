"""LanceDB for the side process; see package side."""
import lancedb
import numpy as np
import pyarrow
from lancedb.index import HnswFlat

METRICS = {"euclidean": "l2", "cosine": "cosine", "inner product": "dot"}


def build(vectors, attributes, metric, m, ef_construction, seed, threads, folder):
    column = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(vectors.ravel()), vectors.shape[1])
    columns = {"id": np.arange(len(vectors), dtype=np.int32), "vector": column}
    if attributes is not None:
        columns["attribute"] = attributes
    rows = pyarrow.table(columns)
    table = lancedb.connect(folder).create_table("vectors", rows)
    graph = HnswFlat(distance_type=METRICS[metric], num_partitions=1, m=m, ef_construction=ef_construction)
    table.create_index("vector", config=graph)
    return table, METRICS[metric]


def delete(index, vectors, ids):
    table, _ = index
    table.delete(f"id IN ({', '.join(map(str, ids))})")


def ask(index, vectors, ids, k, ef, below=None):
    table, metric = index
    # A query of two dimensions is a batch, of any number of rows; its answers follow each other in any order.
    search = table.search(vectors, vector_column_name="vector").distance_type(metric).nprobes(1).ef(ef).limit(k)
    if below is not None:
        search = search.where(f"attribute < {below}", prefilter=True)
    try:
        columns = search.select(["id", "_distance"]).to_arrow()
    except RuntimeError as error:
        # The message ends with a file name of the machine that compiled LanceDB.
        raise RuntimeError(str(error).split(", /")[0]) from None
    found, distances = columns["id"].to_numpy(), columns["_distance"].to_numpy()
    if len(vectors) == 1:
        return [found], [distances]
    order = columns["query_index"].to_numpy()
    rows = [np.flatnonzero(order == i) for i in range(len(vectors))]
    return [found[row] for row in rows], [distances[row] for row in rows]
