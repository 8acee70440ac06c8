"""Prints the installed versions of PACKAGE... as JSON."""
import importlib.metadata
import json
import sys

print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
