"""Times ResNet-50 v1.5 under ONNX Runtime on the CPU, for `make bench`.

Builds the network with onnx.helper (convolution, batch normalisation, ReLU as separate nodes: ONNX Runtime folds and
fuses them itself), from a safetensors file or with seeded random weights. Prints one JSON object:
images_per_second (median), runs (one figure per repeat), batch, threads, version. With --serve it times once for every
line read from standard input and prints one JSON object for each, so that a caller can alternate it with another engine.
"""

import argparse
import json
import statistics
import struct
import sys
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))  # width, blocks, stride of the first block
DTYPES = {"F32": "<f4", "F16": "<f2"}


def read_safetensors(path):
    """All tensors of a file, as float32."""
    with open(path, "rb") as f:
        (size,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(size))
        data = f.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]])
            tensors[name] = values.reshape(entry["shape"]).astype(np.float32)
    return tensors


class Network:
    """Collects the nodes and initializers of an ONNX graph; weights come from a file or are drawn as they are asked for."""

    def __init__(self, tensors):
        self.tensors, self.nodes, self.initializers = tensors, [], []
        self.rng = np.random.default_rng(0)

    def weight(self, name, shape, draw):
        value = draw().astype(np.float32) if self.tensors is None else self.tensors[name]
        if value.shape != shape:
            raise ValueError(f"{name}: shape {value.shape}, expected {shape}")
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind, inputs, **attributes):
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def conv_bn(self, x, conv, bn, channels, size, stride):
        cin, cout = channels
        scale = np.sqrt(2 / (cin * size * size))
        shape = (cout, cin, size, size)
        w = self.weight(conv + ".weight", shape, lambda: self.rng.normal(0, scale, shape))
        x = self.add("Conv", [x, w], strides=[stride] * 2, pads=[size // 2] * 4, kernel_shape=[size] * 2)
        one = lambda: np.ones(cout)
        norms = [self.weight(f"{bn}.{part}", (cout,), one) for part in ("weight", "bias", "running_mean", "running_var")]
        return self.add("BatchNormalization", [x] + norms, epsilon=1e-5)

    def bottleneck(self, x, name, cin, width, stride):
        shortcut = x
        if cin != 4 * width or stride != 1:
            shortcut = self.conv_bn(x, f"{name}.downsample.0", f"{name}.downsample.1", (cin, 4 * width), 1, stride)
        x = self.add("Relu", [self.conv_bn(x, f"{name}.conv1", f"{name}.bn1", (cin, width), 1, 1)])
        x = self.add("Relu", [self.conv_bn(x, f"{name}.conv2", f"{name}.bn2", (width, width), 3, stride)])
        x = self.conv_bn(x, f"{name}.conv3", f"{name}.bn3", (width, 4 * width), 1, 1)
        return self.add("Relu", [self.add("Add", [x, shortcut])])

    def resnet50(self):
        """The 2048 features of torchvision's resnet50 (v1.5) after global average pooling."""
        x = self.add("Relu", [self.conv_bn("images", "conv1", "bn1", (3, 64), 7, 2)])
        x = self.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        cin = 64
        for stage, (width, blocks, stride) in enumerate(STAGES, start=1):
            for block in range(blocks):
                x = self.bottleneck(x, f"layer{stage}.{block}", cin, width, stride if block == 0 else 1)
                cin = 4 * width
        return self.add("Flatten", [self.add("GlobalAveragePool", [x])])


def open_session(tensors, batch, threads):
    network = Network(tensors)
    output = network.resnet50()
    graph = helper.make_graph(
        network.nodes, "resnet50",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, 224, 224])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [batch, 2048])],
        network.initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", help="safetensors file; without it, random weights")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--images", help=".npy, n × 3 × 224 × 224: write their features to --out instead of measuring")
    parser.add_argument("--out")
    args = parser.parse_args()
    tensors = read_safetensors(args.weights) if args.weights else None
    if args.images:
        images = np.load(args.images)
        session = open_session(tensors, len(images), args.threads)
        np.save(args.out, session.run(None, {"images": images})[0])
        return
    session = open_session(tensors, args.batch, args.threads)
    images = np.random.default_rng(1).normal(size=(args.batch, 3, 224, 224)).astype(np.float32)
    session.run(None, {"images": images})  # the first run allocates

    def measure():
        runs = []
        for _ in range(args.repeats):
            start = time.perf_counter()
            session.run(None, {"images": images})
            runs.append(args.batch / (time.perf_counter() - start))
        print(json.dumps({
            "images_per_second": statistics.median(runs), "runs": runs, "batch": args.batch,
            "threads": args.threads, "version": onnxruntime.__version__}), flush=True)

    if not args.serve:
        measure()
        return
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        measure()


if __name__ == "__main__":
    main()
