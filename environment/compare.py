"""Compares the results of two runs of the default job, file by file.

usage: compare.py FOLDER FOLDER

Both folders hold figures/generated and out/generated-…. Every CSV and every embedding must have the same bytes; figures are compared by
their CSVs. Rows of engines that are not deterministic, according to engines.csv and bulk.csv of the first folder, may differ in numbers
alone; the largest difference is printed. Engines that only one of the two has run are named and left out. Times and costs of an index
are not compared. The exit status is 1 if anything else differs.
"""

import csv
import sys
from pathlib import Path

COSTS = {"build_s", "memory_mb", "disk_mb", "batch_queries_per_second", "queries_per_second", "latency_median_ms", "latency_p99_ms", "microseconds"}
JOB = "generated"  # figures of other data are committed
DATA = {".csv", ".npy"}


def main(first, second):
    pairs, wrong = matching(Path(first), Path(second))
    free = free_to_differ(a for a, _ in pairs)
    size = same = 0
    for a, b in pairs:
        if a.read_bytes() == b.read_bytes():
            same, size = same + 1, size + a.stat().st_size
            continue
        problem, note = differing(a, b, free)
        print(f"   {a.relative_to(first)}: {problem or note}")
        wrong += bool(problem)
    print(f"== {len(pairs)} files, {same} with the same bytes ({size / 1e6:.1f} MB), {wrong} wrong")
    return 1 if wrong or not pairs else 0


def matching(first, second):
    """Returns the pairs of files that both folders have, and the number of files that only one has."""
    names = [
        {p.relative_to(top) for part in ("figures", "out") for p in (top / part).rglob("*") if counts(p.relative_to(top))}
        for top in (first, second)
    ]
    for name in sorted(names[0] ^ names[1]):
        print(f"   {name}: only in {first if name in names[0] else second}")
    return [(first / n, second / n) for n in sorted(names[0] & names[1])], len(names[0] ^ names[1])


def counts(path):
    return path.suffix in DATA and path.parts[1].startswith(JOB) and "parts" not in path.parts


def free_to_differ(files):
    """Returns the names and keys of the engines whose builds are not deterministic."""
    engines = set()
    for path in files:
        if path.suffix == ".csv":
            head, rows = read(path)
            for row in (dict(zip(head, r)) for r in rows if "deterministic" in head):
                if row["deterministic"] == "0":
                    engines |= {row["engine"], row.get("key", row["engine"])}
    return engines


def differing(a, b, engines):
    """Compares two files with different bytes. Returns what is wrong, or "", and a note on the differences that are allowed."""
    if a.suffix != ".csv":
        return f"other bytes (sizes {a.stat().st_size} and {b.stat().st_size})", ""
    (head, rows), (other_head, other_rows) = read(a), read(b)
    rows, other_rows, left_out = in_both(head, rows, other_rows)
    if head != other_head or len(rows) != len(other_rows):
        return f"other columns or number of rows ({len(rows)} and {len(other_rows)})", ""
    free, largest, column = 0, 0.0, ""
    for number, (r, s) in enumerate(zip(rows, other_rows), start=2):
        unequal = [(name, x, y) for name, x, y in zip(head, r, s) if x != y and name not in COSTS]
        if not unequal:
            continue
        if not engines & {value for name, value in zip(head, r) if name in ("index", "engine")}:
            return f"line {number} differs:\n     {','.join(r)}\n     {','.join(s)}", ""
        free += 1
        for name, x, y in unequal:
            try:
                gap = abs(float(x) - float(y))
            except ValueError:
                return f"line {number}: {name} is {x!r} and {y!r}", ""
            if gap > largest:
                largest, column = gap, name
    without = f"; only one of them has {', '.join(sorted(left_out))}" if left_out else ""
    if not free:
        return "", f"only times and costs differ{without}"
    return "", f"{free} of {len(rows)} rows differ, all of engines that are not deterministic; at most by {largest:.3g} ({column}){without}"


def in_both(head, *tables):
    """Returns the rows of engines that every table has, and the names of the other engines."""
    if "engine" not in head:
        return *tables, set()
    engine, missing = head.index("engine"), head.index("missing") if "missing" in head else None
    names = [{r[engine] for r in rows if missing is None or not r[missing]} for rows in tables]
    both = set.intersection(*names)
    return *([r for r in rows if r[engine] in both] for rows in tables), set.union(*names) - both


def read(path):
    with path.open(newline="") as file:
        lines = list(csv.reader(file))
    return lines[0], lines[1:]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    raise SystemExit(main(*sys.argv[1:]))
