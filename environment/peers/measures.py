"""Prints every measure of lib/fidelity for the lists in a JSON file, from NumPy and from scikit-dimension.

The file holds base (n × d), k, and per query the exact and the approximate list (ids, L2 distances; the latter may be
short). The answer is a JSON object: name of a measure -> one string per query ("nan" where it is undefined), or one
string. Float32 values are printed so that they parse back to the same bits.
"""
import json
import sys
import warnings

import numpy as np
import skdim
from numpy import float32

warnings.simplefilter("ignore")  # overflow and division by zero are among the cases
lists = json.load(open(sys.argv[1]))
base = np.array(lists["base"], float32)
k = lists["k"]
huge = np.finfo(float32).max
out = {}


def put(name, value):
    out.setdefault(name, []).append(repr(float(value)))


def lid_mle(r):
    if len(r) < 2:
        return np.nan
    head = r[:-1][r[:-1] > 0]
    logs = np.log(head / r[-1])
    return -1 / logs.mean() if len(logs) and logs.any() else np.nan


def lid_mom(r):
    return r.mean() / (r[-1] - r.mean()) if len(r) and r[0] < r[-1] else np.nan


def corrected(e_ids, e_r, a_ids, a_r):
    m = len(a_r)
    put("mean_distance", a_r.mean() if m else np.nan)
    put("distance_ratio", a_r.mean() / e_r[:m].mean() if m and e_r[:m].any() else np.nan)
    put("radius_ratio", a_r[-1] / e_r[m - 1] if m and e_r[m - 1] > 0 else np.nan)
    shift = np.linalg.norm(base[a_ids].mean(0, dtype=float) - base[e_ids].mean(0, dtype=float)) if m else np.nan
    put("barycenter_shift", shift / np.sqrt((e_r**2).mean()))
    put("lid_mle", lid_mle(a_r))
    put("lid_mom", lid_mom(a_r))


def slots(ids, r):
    row_ids, squared = np.full(k, -1), np.full(k, huge, float32)
    row_ids[: len(ids)] = ids
    squared[: len(r)] = np.square(r.astype(float32))
    return row_ids, squared


def published(e_ids, e_d, a_ids, a_d):
    """All queries at once: arrays of queries × k, float32 throughout."""
    exact, answer = e_d.mean(axis=1), a_d.mean(axis=1)
    out["published_distance_exact"] = [repr(float(x)) for x in exact]
    out["published_distance_answer"] = [repr(float(x)) for x in answer]
    keep = np.isfinite(exact) & np.isfinite(answer)
    out["published_means"] = [repr(float(x)) for x in (exact[keep].mean(), answer[keep].mean(), keep.sum())]
    shift = np.linalg.norm(base[a_ids].mean(axis=1) - base[e_ids].mean(axis=1), axis=1) / exact
    out["published_shift"] = [repr(float(x)) for x in shift]
    eps = 1e-12
    lid = -1 / np.mean(np.log((a_d + eps) / (a_d[:, -1:] + eps)), axis=1)
    assert lid.dtype == shift.dtype == exact.dtype == float32
    out["published_lid"] = [repr(float(x)) for x in lid]


def scikit_dimension(r):
    """Both estimators per query; MLE without its bias correction, for that is the definition."""
    index = np.zeros(r.shape, int)
    mle = skdim.id.MLE(unbiased=False).fit(base, precomputed_knn_arrays=(r, index)).dimension_pw_
    mom = skdim.id.MOM().fit(base, precomputed_knn_arrays=(r, index)).dimension_pw_
    out["skdim_mle"] = [repr(float(x)) for x in mle]
    out["skdim_mom"] = [repr(float(x)) for x in mom]


exact_rows, answer_rows = [], []
for q in lists["queries"]:
    e_ids, e_r = np.array(q["truth_ids"], int), np.array(q["truth_distances"], float32).astype(float)
    a_ids, a_r = np.array(q["answer_ids"], int), np.array(q["answer_distances"], float32).astype(float)
    corrected(e_ids, e_r, a_ids, a_r)
    exact_rows.append(slots(e_ids, e_r))
    answer_rows.append(slots(a_ids, a_r))
e_ids, e_d = (np.stack(x) for x in zip(*exact_rows))
a_ids, a_d = (np.stack(x) for x in zip(*answer_rows))
published(e_ids, e_d, a_ids, a_d)

# scikit-dimension takes neither short lists nor zero distances: the queries of which the exact list has none.
whole = np.array([min(q["truth_distances"]) > 0 for q in lists["queries"]])
out["skdim_queries"] = [str(i) for i in np.flatnonzero(whole)]
scikit_dimension(np.array([q["truth_distances"] for q, w in zip(lists["queries"], whole) if w], float32).astype(float))

counts = np.bincount(np.concatenate([q["answer_ids"] for q in lists["queries"]]).astype(int), minlength=len(base))
z = (counts - counts.mean()) / counts.std()
put("hubness", (z**3).mean())
print(json.dumps(out))
