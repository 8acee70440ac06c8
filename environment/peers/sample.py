"""Prints numpy.random.default_rng(seed).choice(population, n, replace=False), one line for each argument population,n,seed."""

import sys

import numpy

for case in sys.argv[1:]:
    population, n, seed = (int(field) for field in case.split(","))
    print(*numpy.random.default_rng(seed).choice(population, n, replace=False))
