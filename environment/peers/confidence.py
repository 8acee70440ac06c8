"""Prints the confidence intervals of SciPy for a file of questions: a JSON list of [successes, n, level].

For each it prints the exact (Clopper-Pearson) interval and the lower bound alone."""
import json
import sys

from scipy.stats import binomtest

answers = []
for successes, n, level in json.load(open(sys.argv[1])):
    both = binomtest(successes, n).proportion_ci(level, "exact")
    below = binomtest(successes, n, alternative="greater").proportion_ci(level, "exact")
    answers.append([both.low, both.high, below.low])
json.dump(answers, sys.stdout)
