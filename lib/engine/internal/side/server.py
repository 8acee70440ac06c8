"""Serve the module engine.py to one client over the Unix socket "socket" in the working directory.

A message is a line of JSON, followed by n·d float32 if n > 0 and by that number of int32 if ids > 0, each in NumPy's format:

    {"do": "build", "index": 1, "n", "d", "ids", "fields": {…}}       makes the module's index 1, of vectors and their attributes, if
                                                                      there are any. Answered by {}
    {"do": "close", "index": 1, …}                                    forgets it. Answered by {}
    {"do": "memory", …}                                               the memory in use. Answered by {}: this process does not know
    {"do": "ask", "index": 1, …}                                      and every other name: the function of that name

The fields are the keyword arguments of the function. If the function returns rows of IDs and rows of distances, the reply is
{"answers": n}, followed by n lengths (int32), all IDs (int32) and all distances (float32); if it returns nothing, {}. The reply to
a request that fails is {"error": text}. The process ends when the connection is closed.
"""
import json
import os
import socket

import numpy as np

import engine

indexes = {}


def joined(rows, kind):
    return np.concatenate([np.asarray(row, kind) for row in rows]) if len(rows) else np.empty(0, kind)


def call(order, vectors, ids):
    number, name, fields = order["index"], order["do"], order["fields"] or {}
    if name == "build":
        indexes[number] = engine.build(vectors, ids, **fields)
        return None
    if name == "memory":
        return None
    if name == "close":
        index = indexes.pop(number, None)
        if index is not None and hasattr(engine, "close"):
            engine.close(index)
        return None
    return getattr(engine, name)(indexes[number], vectors, ids, **fields)


def answer(stream, order):
    vectors = ids = None
    if order["n"]:
        vectors = np.lib.format.read_array(stream).reshape(order["n"], order["d"])
    if order["ids"]:
        ids = np.lib.format.read_array(stream)
    try:
        result = call(order, vectors, ids)
        if result is None:
            return {}, []
        found, distances = result
        lengths = np.array([len(row) for row in found], np.int32)
        return {"answers": len(found)}, [lengths, joined(found, np.int32), joined(distances, np.float32)]
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}, []


def serve(stream):
    while line := stream.readline():
        head, arrays = answer(stream, json.loads(line))
        stream.write(json.dumps(head).encode() + b"\n")
        for array in arrays:
            np.lib.format.write_array(stream, array)
        stream.flush()


if __name__ == "__main__":
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("socket.new")
    listener.listen(1)
    os.rename("socket.new", "socket")
    connection, _ = listener.accept()
    serve(connection.makefile("rwb"))
