"""libSQL for the side process; see package side."""
import os

import libsql

METRICS = {"euclidean": ("l2", "vector_distance_l2"), "cosine": ("cosine", "vector_distance_cos")}
PAGE = 65536  # bytes, the most; a node holds the vectors of its neighbours, and takes many pages of the default size
CACHE = 200_000  # KB
INSERTED = 1000  # rows of one call


class Index:
    def __init__(self, folder, dimensions, rows, metric, m, insert_l):
        self.rows, self.search_l = rows, None
        self.type = f"F32_BLOB({dimensions})"
        name, self.distance = METRICS[metric]
        # A list longer than the table changes nothing, and libSQL ends the process if it has no memory for it.
        self.parameters = f"'metric={name}', 'max_neighbors={m}', 'insert_l={min(insert_l, rows)}'"
        self.database = libsql.connect(os.path.join(folder, "points.db"))
        for setting in (f"page_size = {PAGE}", f"cache_size = -{CACHE}", "synchronous = OFF", "journal_mode = OFF"):
            self.database.execute("PRAGMA " + setting).fetchall()

    def search_with(self, search_l):
        """Give the index the parameters that an empty one has that is made with this search_l."""
        if search_l == self.search_l:
            return
        self.search_l = None
        for statement in (
            f"CREATE TABLE other (v {self.type})",
            f"CREATE INDEX other_graph ON other (libsql_vector_idx(v, {self.parameters}, 'search_l={search_l}'))",
            "UPDATE libsql_vector_meta_shadow SET metadata = "
            "(SELECT metadata FROM libsql_vector_meta_shadow WHERE name = 'other_graph') WHERE name = 'graph'",
            "DROP TABLE other",
        ):
            self.database.execute(statement)
        self.database.commit()
        self.search_l = search_l


def build(vectors, attributes, metric, m, ef_construction, seed, threads, folder):
    index = Index(folder, vectors.shape[1], len(vectors), metric, m, ef_construction)
    index.database.execute(f"CREATE TABLE points (id INTEGER PRIMARY KEY, attribute INTEGER, v {index.type})")
    index.database.execute(f"CREATE INDEX graph ON points (libsql_vector_idx(v, {index.parameters}))")
    for start in range(0, len(vectors), INSERTED):
        rows = range(start, min(start + INSERTED, len(vectors)))
        values = [(i, None if attributes is None else int(attributes[i]), vectors[i].tobytes()) for i in rows]
        index.database.executemany("INSERT INTO points VALUES (?, ?, ?)", values)
    index.database.commit()
    return index


def ask(index, vectors, ids, k, ef, below=None):
    index.search_with(min(ef, index.rows))
    statement = f"SELECT p.id, {index.distance}(p.v, ?) FROM vector_top_k('graph', ?, ?) AS t JOIN points AS p ON p.id = t.id"
    if below is not None:
        statement += f" WHERE p.attribute < {below}"
    found, distances = [], []
    for vector in vectors:
        query = vector.tobytes()
        rows = index.database.execute(statement, (query, query, min(k, index.rows))).fetchall()
        found.append([row[0] for row in rows])
        distances.append([row[1] for row in rows])
    return found, distances


def delete(index, vectors, ids):
    index.database.executemany("DELETE FROM points WHERE id = ?", [(row,) for row in ids.tolist()])
    index.database.commit()


def close(index):
    index.database.close()
