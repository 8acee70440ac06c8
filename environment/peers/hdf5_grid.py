"""Writes small HDF5 files of every kind that h5py can write. usage: hdf5_grid.py FOLDER

Beside FILE.hdf5 stands FILE.npy: what h5py reads of "train" as float32. Where h5py refuses it, or it is no n x d matrix of
real numbers, there is none.
"""
import sys

sys.dont_write_bytecode = True
import hdf5_filters  # noqa: E402, F401
import hdf5_groups  # noqa: F401
import hdf5_layouts  # noqa: F401
import hdf5_types  # noqa: F401
