"""Serve PyNNDescent to one client over the Unix socket "socket" in the working directory.

A message is a line of JSON, followed by arrays in NumPy's format (npy) for some kinds of message:

    {"do": "build", "index": 1, "n", "d", "metric", "neighbors", "seed", "threads"} and n·d float32   answered by {}
    {"do": "ask", "index": 1, "n", "d", "k", "epsilon"} and n·d float32    answered by {"k"}, n·k int32 IDs and n·k float32 distances
    {"do": "close", "index": 1}                                            answered by {}

The reply to a request that fails is {"error": text}. The process ends when the connection is closed.
"""
import json
import os
import socket

import numpy as np
import pynndescent

indexes = {}


def build(order, vectors):
    index = pynndescent.NNDescent(
        vectors, metric=order["metric"], n_neighbors=order["neighbors"], random_state=order["seed"], n_jobs=order["threads"]
    )
    index.prepare()
    indexes[order["index"]] = index
    return {}, []


def ask(order, vectors):
    ids, distances = indexes[order["index"]].query(vectors, k=order["k"], epsilon=order["epsilon"])
    return {"k": ids.shape[1]}, [ids.astype(np.int32).ravel(), distances.astype(np.float32).ravel()]


def close(order, _):
    indexes.pop(order["index"], None)
    return {}, []


def answer(stream, order):
    vectors = None
    if "n" in order:
        vectors = np.lib.format.read_array(stream).reshape(order["n"], order["d"])
    try:
        return {"build": build, "ask": ask, "close": close}[order["do"]](order, vectors)
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
