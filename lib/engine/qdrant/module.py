"""Qdrant's engine for the side process; see package side."""
import qdrant_edge as qdrant

METRICS = {"euclidean": qdrant.Distance.Euclid, "cosine": qdrant.Distance.Cosine, "inner product": qdrant.Distance.Dot}
FIELD = "attribute"
INSERTED = 1000  # points of one insertion


def build(vectors, attributes, metric, m, ef_construction, seed, threads, folder):
    graph = qdrant.HnswIndexConfig(m=m, ef_construct=ef_construction, full_scan_threshold=1, max_indexing_threads=threads)
    # One segment for all points, with a graph from one KB of vectors on.
    optimizers = qdrant.EdgeOptimizersConfig(default_segment_number=1, max_segment_size=2**40, indexing_threshold=1)
    vector = qdrant.EdgeVectorParams(size=vectors.shape[1], distance=METRICS[metric])
    shard = qdrant.EdgeShard.create(
        folder, qdrant.EdgeConfig(vectors=vector, hnsw_config=graph, optimizers=optimizers, wal_enabled=False)
    )
    for start in range(0, len(vectors), INSERTED):
        rows = vectors[start : start + INSERTED].tolist()
        points = [qdrant.Point(start + i, row, payload(attributes, start + i)) for i, row in enumerate(rows)]
        shard.update(qdrant.UpdateOperation.upsert_points(points))
    if attributes is not None:
        # Before the graph is built, which gets links for the ranges of an indexed field.
        shard.update(qdrant.UpdateOperation.create_field_index(FIELD, qdrant.PayloadSchemaType.Integer))
    shard.optimize()
    return shard


def payload(attributes, row):
    return None if attributes is None else {FIELD: int(attributes[row])}


def ask(index, vectors, ids, k, ef, below=None):
    params = qdrant.SearchParams(hnsw_ef=ef)
    only = None
    if below is not None:
        only = qdrant.Filter(must=[qdrant.FieldCondition(FIELD, range=qdrant.RangeFloat(lt=below))])
    queries = [
        qdrant.QueryRequest(limit=k, query=qdrant.Query.Nearest(row), params=params, filter=only) for row in vectors.tolist()
    ]
    answers = index.query_batch(qdrant.QueryBatchRequest(queries))
    return [[point.id for point in answer] for answer in answers], [[point.score for point in answer] for answer in answers]


def delete(index, vectors, ids):
    index.update(qdrant.UpdateOperation.delete_points(ids.tolist()))


def close(index):
    index.close()
