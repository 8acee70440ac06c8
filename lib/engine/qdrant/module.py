"""Qdrant's engine for the side process; see package side."""
import qdrant_edge as qdrant

METRICS = {"euclidean": qdrant.Distance.Euclid, "cosine": qdrant.Distance.Cosine, "inner product": qdrant.Distance.Dot}
INSERTED = 1000  # points of one insertion


def build(vectors, metric, m, ef_construction, seed, threads, folder):
    graph = qdrant.HnswIndexConfig(m=m, ef_construct=ef_construction, full_scan_threshold=1, max_indexing_threads=threads)
    # One segment for all points, with a graph from one KB of vectors on.
    optimizers = qdrant.EdgeOptimizersConfig(default_segment_number=1, max_segment_size=2**40, indexing_threshold=1)
    vector = qdrant.EdgeVectorParams(size=vectors.shape[1], distance=METRICS[metric])
    shard = qdrant.EdgeShard.create(
        folder, qdrant.EdgeConfig(vectors=vector, hnsw_config=graph, optimizers=optimizers, wal_enabled=False)
    )
    for start in range(0, len(vectors), INSERTED):
        rows = vectors[start : start + INSERTED].tolist()
        points = [qdrant.Point(start + i, row) for i, row in enumerate(rows)]
        shard.update(qdrant.UpdateOperation.upsert_points(points))
    shard.optimize()
    return shard


def ask(index, vectors, ids, k, ef):
    params = qdrant.SearchParams(hnsw_ef=ef)
    queries = [qdrant.QueryRequest(limit=k, query=qdrant.Query.Nearest(row), params=params) for row in vectors.tolist()]
    answers = index.query_batch(qdrant.QueryBatchRequest(queries))
    return [[point.id for point in answer] for answer in answers], [[point.score for point in answer] for answer in answers]


def close(index):
    index.close()
