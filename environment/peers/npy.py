"""Checks that NumPy reads OURS.npy, and writes into DIR the same numbers, and files that must be refused: OURS.npy DIR"""
import sys

import numpy as np

ours, out = np.load(sys.argv[1]), sys.argv[2]
assert ours.dtype == np.float32 and ours.flags.c_contiguous and ours.shape == (2, 3), (ours.dtype, ours.shape)
assert ours.tolist() == [[1, 2, 3], [0.25, np.float32(-5.9604645e-08), 65504]], ours
np.save(out + "/float32.npy", ours)
np.save(out + "/float16.npy", ours.astype(np.float16))
np.save(out + "/float64.npy", ours.astype(np.float64))
np.save(out + "/fortran.npy", np.asfortranarray(ours))
np.save(out + "/vector.npy", ours.ravel())
np.save(out + "/cube.npy", ours.reshape(1, 2, 3))
np.save(out + "/zero_rows.npy", ours[:0])
for name, at, value in ("nan", (1, 2), np.nan), ("inf", (0, 0), np.inf):
    bad = ours.copy()
    bad[at] = value
    np.save(f"{out}/{name}.npy", bad)
