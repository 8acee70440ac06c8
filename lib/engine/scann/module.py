"""ScaNN for the side process; see package side."""
import numpy as np
from scann import scann_ops_pybind

METRICS = {"euclidean": "squared_l2", "cosine": "dot_product", "inner product": "dot_product"}
DIMENSIONS_PER_BLOCK = 2
ANISOTROPIC = 0.2  # the threshold of the quantization for inner products
LEAST = 100  # a smaller set is not partitioned
REORDER = 100  # the default of searches that do not state it: every one here does


def build(vectors, attributes, metric, m, ef_construction, seed, threads, folder):
    builder = scann_ops_pybind.builder(vectors, 10, METRICS[metric])
    builder.set_n_training_threads(threads)
    if len(vectors) >= LEAST:
        leaves = round(len(vectors) ** 0.5)
        builder = builder.tree(num_leaves=leaves, num_leaves_to_search=leaves // 2, training_sample_size=len(vectors))
    threshold = np.nan if metric == "euclidean" else ANISOTROPIC
    searcher = builder.score_ah(DIMENSIONS_PER_BLOCK, anisotropic_quantization_threshold=threshold).reorder(REORDER).build(docids=list(range(len(vectors))))
    searcher.set_num_threads(threads)
    return searcher


def delete(index, vectors, ids):
    index.delete(ids.tolist())


def ask(index, vectors, ids, k, ef):
    if len(vectors) == 1:
        found, distances = index.search(vectors[0], final_num_neighbors=k, pre_reorder_num_neighbors=ef)
        return [found], [distances]
    return index.search_batched_parallel(vectors, final_num_neighbors=k, pre_reorder_num_neighbors=ef)
