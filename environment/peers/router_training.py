"""Train the perceptron of lib/storage/router in NumPy, in double precision, from given initial weights.

The folder of the first argument holds question.json and the arrays that it names, as raw numbers. The parameters after training
are written to after.f64, one after the other, and the loss of every step is printed as JSON.

Forward and backward pass are written by hand. Adam: Kingma and Ba, arXiv 1412.6980, with epsilon 1e-7 outside the root.
"""

import json
import math
import pathlib
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1])
question = json.loads((folder / "question.json").read_text())
size, period, rate = question["batch"], question["period"], question["rate"]
x = np.fromfile(folder / "x.f32", np.float32).astype(np.float64).reshape(-1, question["d"])
right = np.fromfile(folder / "right.f32", np.float32).astype(np.float64).reshape(len(x), -1)
order = np.fromfile(folder / "order.i32", np.int32).reshape(-1, size)
flat, parameters = np.fromfile(folder / "before.f32", np.float32).astype(np.float64), {}
for name, *dims in question["parameters"]:
    count = math.prod(dims)
    parameters[name], flat = flat[:count].reshape(dims), flat[count:]

x = (x - x.mean(0)) / x.std(0)
ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "silu": (lambda z: z / (1 + np.exp(-z)), lambda z: (1 + np.exp(-z) + z * np.exp(-z)) / (1 + np.exp(-z)) ** 2),
}
activate, slope = ACTIVATIONS[question["activation"]]


def loss_and_slope(logits, right):
    """Return the mean loss and its derivative by the logits."""
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    if question["loss"] == "distribution":
        return -(right * np.log(p)).sum(1).mean(), (p - right) / len(p)
    if question["loss"] == "best":
        right = (np.where(right > 0, p, -1) == np.where(right > 0, p, -1).max(1, keepdims=True)) * 1.0
    inside = (p * (right > 0)).sum(1, keepdims=True)
    return -np.log(inside).mean(), (p - p * (right > 0) / inside) / len(p)


def gradients(x, right):
    """Return the loss and its derivatives by the parameters."""
    w, grads = parameters, {}
    logits = np.zeros((len(x), right.shape[1])) + w["output_bias"]
    if "first_weights" in w:
        z1 = x @ w["first_weights"] + w["first_bias"]
        y1 = activate(z1)
        z2 = y1 @ w["second_weights"] + w["second_bias"]
        y2 = activate(z2)
        logits += y2 @ w["third_weights"]
    if "direct_weights" in w:
        logits += x @ w["direct_weights"]
    loss, error = loss_and_slope(logits, right)
    grads["output_bias"] = error.sum(0)
    if "direct_weights" in w:
        grads["direct_weights"] = x.T @ error
    if "first_weights" in w:
        grads["third_weights"] = y2.T @ error
        error = error @ w["third_weights"].T * slope(z2)
        grads["second_weights"], grads["second_bias"] = y1.T @ error, error.sum(0)
        error = error @ w["second_weights"].T * slope(z1)
        grads["first_weights"], grads["first_bias"] = x.T @ error, error.sum(0)
    return loss, grads


losses = []
first = {name: np.zeros_like(p) for name, p in parameters.items()}
second = {name: np.zeros_like(p) for name, p in parameters.items()}
for step, rows in enumerate(order):
    loss, grads = gradients(x[rows], right[rows])
    losses.append(loss)
    now = rate * (1 + math.cos(math.pi * (step / period % 1))) / 2
    for name, grad in grads.items():
        first[name] = 0.9 * first[name] + 0.1 * grad
        second[name] = 0.999 * second[name] + 0.001 * grad**2
        mean, square = first[name] / (1 - 0.9 ** (step + 1)), second[name] / (1 - 0.999 ** (step + 1))
        parameters[name] = parameters[name] - now * mean / (np.sqrt(square) + 1e-7)
np.concatenate([p.ravel() for p in parameters.values()]).tofile(folder / "after.f64")
json.dump(losses, sys.stdout)
