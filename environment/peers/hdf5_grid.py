"""Writes small HDF5 files of every kind that h5py can write. usage: hdf5_grid.py FOLDER

FILE.npy holds "train" of FILE.hdf5 as h5py reads it, in float32. It is missing if h5py refuses the file or "train" is no n x d
matrix of real numbers.
"""
import sys

sys.dont_write_bytecode = True
import hdf5_filters  # noqa: E402, F401
import hdf5_groups  # noqa: F401
import hdf5_layouts  # noqa: F401
import hdf5_types  # noqa: F401
