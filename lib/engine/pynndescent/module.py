"""PyNNDescent for the side process; see package side."""
import pynndescent

METRICS = {"euclidean": "euclidean", "cosine": "cosine", "inner product": "inner_product"}
EPSILON_PER_EF = 1 / 500  # at efSearch 50, ε is 0.1, PyNNDescent's default


def build(vectors, attributes, metric, m, ef_construction, seed, threads, folder):
    index = pynndescent.NNDescent(
        vectors, metric=METRICS[metric], n_neighbors=min(m, len(vectors) - 1), random_state=seed % 2**32, n_jobs=threads
    )
    index.prepare()
    return index


def ask(index, vectors, ids, k, ef):
    return index.query(vectors, k=k, epsilon=ef * EPSILON_PER_EF)
