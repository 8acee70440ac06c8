"""Product quantization by FAISS, for lib/storage/sketch.

faiss_pq.py FOLDER D SUBSPACES: FOLDER/rows and FOLDER/words are float32. Writes the codes of the rows with the given codewords
to FOLDER/codes, and prints the mean squared errors with these and with codewords that FAISS trains.
"""

import json
import sys

import faiss
import numpy as np

folder, d, subspaces = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rows = np.fromfile(f"{folder}/rows", np.float32).reshape(-1, d)


def error(pq):
    return float(((pq.decode(pq.compute_codes(rows)) - rows) ** 2).sum(1).mean())


own = faiss.ProductQuantizer(d, subspaces, 8)
own.cp.min_points_per_centroid = 1
own.train(rows)
given = faiss.ProductQuantizer(d, subspaces, 8)
faiss.copy_array_to_vector(np.fromfile(f"{folder}/words", np.float32), given.centroids)
given.compute_codes(rows).tofile(f"{folder}/codes")
print(json.dumps({"Error": error(given), "OwnError": error(own)}))
