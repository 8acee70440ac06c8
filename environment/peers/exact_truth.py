"""Computes neighbours in extended precision: FOLDER PLACES

Reads FOLDER/cases.txt, one case a line: NAME N D METRIC STEP, and FOLDER/NAME.f32 (N × D float32). Writes FOLDER/NAME_ids.i32, and
the same places' distances FOLDER/NAME_distances.f64: for every STEP-th row as a query, the first PLACES rows in the order of their
true distance, ties by ID, the query among them. Sums are np.longdouble, exact for integers below 2**64; cosines of whole numbers are
ordered as fractions.
"""
import sys
from fractions import Fraction

import numpy as np


def euclidean(x):
    def values(q):
        d = x - x[q]
        squared = (d * d).sum(axis=1)
        return squared, np.sqrt(squared)
    return values


def inner_product(x):
    def values(q):
        p = -(x * x[q]).sum(axis=1)
        return p, p
    return values


def cosine(x):
    steps = x / np.exp2(np.longdouble(np.frexp(abs(x[x != 0]).min())[1] - 4))
    if (steps == np.rint(steps)).all() and abs(steps).max() < 1 << 20:
        return cosine_of_whole(steps.astype(np.int64))
    unit = x / np.sqrt((x * x).sum(axis=1))[:, None]

    def values(q):
        d = unit - unit[q]
        half = (d * d).sum(axis=1) / 2
        return half, half
    return values


def cosine_of_whole(x):
    norm = (x * x).sum(axis=1)

    def values(q):
        dot = x @ x[q]
        keys = [-Fraction(int(d) * abs(int(d)), int(n) * int(norm[q])) for d, n in zip(dot, norm)]
        place = {key: i for i, key in enumerate(sorted(set(keys)))}
        sin2 = np.array([1 + key for key in keys], dtype=np.longdouble)  # of acute angles; 1 + cos² of the others
        cos = np.sqrt(np.array([abs(key) for key in keys], dtype=np.longdouble))
        return np.array([place[key] for key in keys]), np.where(dot < 0, 1 + cos, sin2 / (1 + cos))
    return values


folder, places = sys.argv[1], int(sys.argv[2])
for line in open(f"{folder}/cases.txt"):
    name, n, d, metric, step = line.split()
    x = np.fromfile(f"{folder}/{name}.f32", dtype=np.float32).reshape(int(n), int(d)).astype(np.longdouble)
    values = {"euclidean": euclidean, "cosine": cosine, "inner-product": inner_product}[metric](x)
    ids, distances = [], []
    for q in range(0, int(n), int(step)):
        keys, row = values(q)
        order = np.lexsort((np.arange(len(x)), keys))[:places]
        ids.append(order.astype(np.int32))
        distances.append(row[order].astype(np.float64))
    np.concatenate(ids).tofile(f"{folder}/{name}_ids.i32")
    np.concatenate(distances).tofile(f"{folder}/{name}_distances.f64")
