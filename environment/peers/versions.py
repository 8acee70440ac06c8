"""Prints the installed versions of PACKAGE... as JSON. That of faiss-cpu names the processor for which its OpenBLAS multiplies."""
import ctypes
import importlib.metadata
import json
import re
import sys

versions = {name: importlib.metadata.version(name) for name in sys.argv[1:]}
if "faiss-cpu" in versions:
    import faiss  # noqa: F401, which loads its OpenBLAS

    with open("/proc/self/maps") as maps:
        libraries = set(re.findall(r"/\S*faiss\S*/libopenblas\S*", maps.read()))
    for library in libraries:
        core = ctypes.CDLL(library).openblas_get_corename
        core.restype = ctypes.c_char_p
        versions["faiss-cpu"] += f" (OpenBLAS for {core().decode()})"
print(json.dumps(versions))
