"""weights_variants.py DIR: writes ResNet-50 state dicts as training programs save them, without torch.

Each tensor is one number repeated by strides of 0, so that a file is small: the number of its name in alphabetical order, from 1,
modulo 250. Prints as JSON {"read": {spec: [notes' words]}, "refused": {spec: [error's words]}, "values": {name: number}}.
"""

import argparse
import collections
import gzip
import json
import pathlib
import sys
import zipfile

import numpy
from make_pth import Command, Parameter, Storage, Tensor, pretend, save_legacy, save_zip, state_dict

BOTTLENECK, BASIC = 3, 2


def shapes(blocks, convolutions=BOTTLENECK, width=1, groups=1):
    """Names and shapes of a torchvision ResNet without its head: width and groups are those of the wide and of the grouped ones."""
    all = {"conv1.weight": (64, 3, 7, 7), **norm("bn1", 64)}
    previous = 64
    for stage, count in enumerate(blocks):
        inner = 64 * 2**stage * width
        outer = 256 * 2**stage if convolutions == BOTTLENECK else 64 * 2**stage
        for b in range(count):
            name = f"layer{stage + 1}.{b}"
            kernels = [(inner, previous, 1), (inner, inner // groups, 3), (outer, inner, 1)]
            if convolutions == BASIC:
                kernels = [(outer, previous, 3), (outer, outer, 3)]
            for i, (out, into, size) in enumerate(kernels, 1):
                all[f"{name}.conv{i}.weight"] = (out, into, size, size)
                all |= norm(f"{name}.bn{i}", out)
            if b == 0 and (stage > 0 or convolutions == BOTTLENECK):
                all[f"{name}.downsample.0.weight"] = (outer, previous, 1, 1)
                all |= norm(f"{name}.downsample.1", outer)
            previous = outer
    return all


def norm(name, channels):
    return {f"{name}.{part}": (channels,) for part in ("weight", "bias", "running_mean", "running_var")}


RESNET50 = shapes([3, 4, 6, 3])
VALUES = {name: 1 + i % 250 for i, name in enumerate(sorted(RESNET50))}


def network(named=RESNET50, kind="Float", maker=Tensor, first=None):
    numbers = numpy.arange(251, dtype="f8")
    if first is not None:
        numbers[1] = first
    storage = Storage(kind, numbers)
    tensors = {}
    for name, dims in named.items():
        tensors[name] = maker(storage, dims, (0,) * len(dims), VALUES.get(name, 7))
    return tensors


def counted():
    """With the counters of batches, as torch has written them since 0.4.1."""
    all = {}
    for name, tensor in network().items():
        all[name] = tensor
        if name.endswith("running_var"):
            all[name.replace("running_var", "num_batches_tracked")] = Tensor(Storage("Long", numpy.array([9])), ())
    return all


def head(prefix, classes):
    storage = Storage("Float", numpy.ones(1))
    return {prefix + "weight": Tensor(storage, (classes, 2048), (0, 0)), prefix + "bias": Tensor(storage, (classes,), (0,))}


def behind(prefix, tensors):
    return {prefix + name: tensor for name, tensor in tensors.items()}


def in_sequential(tensors):
    numbers = {"conv1": "0", "bn1": "1", "layer1": "4", "layer2": "5", "layer3": "6", "layer4": "7"}
    return {".".join([numbers[name.split(".")[0]], *name.split(".")[1:]]): tensor for name, tensor in tensors.items()}


def in_transformers(tensors):
    """The names of transformers' ResNetForImageClassification."""
    all = {}
    for name, tensor in tensors.items():
        *path, part = name.split(".")
        kind = "normalization" if "bn" in path[-1] or path[-2:] == ["downsample", "1"] else "convolution"
        if len(path) == 1:
            new = ["embedder", "embedder", kind]
        else:
            where = ["shortcut"] if path[2] == "downsample" else ["layer", str(int(path[2][-1]) - 1)]
            new = ["encoder", "stages", str(int(path[0][-1]) - 1), "layers", path[1], *where, kind]
        all[".".join(["resnet", *new, part])] = tensor
    return all


class Rebuilt:
    """An object that a function of torch rebuilds from these arguments."""

    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


class Python2Dict:
    """An OrderedDict as Python 2 pickled it."""

    def __init__(self, items):
        self.items = items

    def __reduce__(self):
        return collections.OrderedDict, ([[key, value] for key, value in self.items.items()],)


SPARSE = pretend("torch._utils", "_rebuild_sparse_tensor", lambda: None)
QUANTISED = pretend("torch._utils", "_rebuild_qtensor", lambda: None)
RESNET = pretend("torchvision.models.resnet", "ResNet")
METER = pretend("utils.meters", "AverageMeter")


def instance(kind, **attributes):
    thing = kind()
    thing.__dict__.update(attributes)
    return thing


def training(tensors):
    """What a training script saves beside the model."""
    moments = {"step": 4, "exp_avg": Tensor(Storage("Double", numpy.ones(3)), (3,))}
    return {
        "epoch": 90, "arch": "resnet50", "best_acc1": numpy.float64(76.1), "state_dict": state_dict(tensors), "meter": instance(METER, sum=1.5),
        "optimizer": {"state": {0: moments, 1: moments}, "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999), "params": [0, 1]}]},
        "args": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("/data")), "seen": {1, 2}, "rng": Tensor(Storage("Byte", numpy.ones(8)), (8,)),
    }


def write_read(folder):
    """Files that are read, with what their notes say."""
    files = {"plain.pth": (state_dict(counted() | head("fc.", 1000)), []), "dict.pt": (network(), []), "python2.bin": (Python2Dict(network()), [])}
    for prefix in "module.", "backbone.", "_orig_mod.", "encoder.", "model.", "net.", "module.backbone.", "module._orig_mod.", "module.encoder_q.":
        shown = prefix.replace("_orig_mod.", "")
        files[f"prefix {prefix}pth.tar"] = state_dict(behind(prefix, counted())), [f'begin with "{shown}"'] if shown else []
    inner = {name.replace("layer1.", "layer1._orig_mod.").replace("layer2.0.", "layer2.0._fsdp_wrapped_module."): t for name, t in network().items()}
    files["wrapped within.pth"] = inner, []
    for key in "state_dict", "model", "model_state_dict", "net", "teacher":
        files[f"within {key}.ckpt"] = {key: state_dict(behind("module.", network()))}, [f'begin with "{key}.module."']
    once = state_dict(network())
    files["same twice.pth"] = {"state_dict": once, "model": once}, ['begin with "state_dict."']
    files["training.pth.tar"] = training(behind("module.", counted())), ["1 other tensor in the file is not used: rng"]
    for kind, number in ("Double", "float64"), ("Half", "float16"), ("BFloat16", "bfloat16"):
        files[f"{kind}.pth"] = network(kind=kind), [f"type {number} are taken as float32"]
    mixed = network(kind="Double") | {name: t for name, t in network().items() if "bn" in name}
    files["mixed.pth"] = mixed, ["type float32 and float64"]
    for name, extra in [("ten classes", head("fc.", 10)), ("two layers", head("fc.1.", 7)), ("head", head("head.mlp.0.", 9))]:
        files[f"{name}.pth"] = network() | extra, ["2 other tensors in the file are not used"]
    files["half a head.pth"] = network() | {"fc.bias": head("fc.", 1000)["fc.bias"]}, ["1 other tensor in the file is not used: fc.bias"]
    files["beside.pth"] = behind("backbone.", network()) | head("criterion.", 3) | head("head.mlp.", 4), ["4 other tensors"]
    files["parameters.pth"] = network(maker=Parameter), []
    files["sequential.pth"] = behind("backbone.", in_sequential(network())), ['begin with "backbone."', "nn.Sequential"]
    files["transformers.bin"] = in_transformers(network()) | head("classifier.1.", 1000), ['begin with "resnet."', "transformers"]
    files["one is whole.pth"] = behind("a.", network()) | behind("b.", network(shapes([2, 2, 2, 2], BASIC))), ['begin with "a."']
    files["no extension"] = network(), []
    read = {}
    for name, (value, words) in files.items():
        save_zip(folder / name, value)
        read[name] = words
    for name in "plain.pth", "training.pth.tar", "prefix module.pth.tar":
        save_legacy(folder / f"legacy {name}", files[name][0])
        read[f"legacy {name}"] = files[name][1]
        for protocol in 3, 4, 5:
            save_zip(folder / f"protocol{protocol} {name}", files[name][0], protocol=protocol)
            read[f"protocol{protocol} {name}"] = files[name][1]
    both = {"student": behind("module.backbone.", network(first=99)), "teacher": behind("backbone.", network())}
    save_zip(folder / "both.pth", both)
    root = network() | behind("target.", network(first=99))
    save_zip(folder / "root.pth", root)
    for prefix in "teacher.backbone.", "teacher.backbone":
        read[f"both.pth:{prefix}"] = ['begin with "teacher.backbone."']
    read["root.pth:"] = ["265 other tensors"]
    return read


def write_refused(folder):
    """Files that are refused, with the words of the error."""
    sparse = Rebuilt(SPARSE, "torch.sparse_coo", (Tensor(Storage("Long", numpy.ones(3)), (3,)), (64, 3, 7, 7)))
    files = {
        "student and teacher.pth": ({"student": behind("module.", network()), "teacher": network()}, ['"student.module.", "teacher."', "FILE:"]),
        "moco.pth.tar": ({"state_dict": behind("module.encoder_q.", network()) | behind("module.encoder_k.", network())}, ["2 whole ResNet-50", "encoder_k."]),
        "resnet18.pth": (network(shapes([2, 2, 2, 2], BASIC)), ["ResNet-18, 2, 2, 2 and 2 blocks of 2 convolutions", "want a ResNet-50"]),
        "resnet34.pth": (behind("module.", network(shapes([3, 4, 6, 3], BASIC))), ["module.layer1", "ResNet-34"]),
        "resnet101.pth": (network(shapes([3, 4, 23, 3])), ["ResNet-101", "want a ResNet-50, 3, 4, 6 and 3 blocks"]),
        "resnet152.pth": (network(shapes([3, 8, 36, 3])), ["ResNet-152"]),
        "wide.pth": (network(shapes([3, 4, 6, 3], width=2)), ["layer1.0.bn1.bias", "shape [128], want [64]", "another network"]),
        "resnext.pth": (network(shapes([3, 4, 6, 3], width=2, groups=32)), ["shape [128], want [64]"]),
        "squeeze.pth": (network() | {"layer1.0.se.fc1.weight": head("", 4)["bias"]}, ["layer1.0.se.fc1.weight is none of ResNet-50's"]),
        "deep stem.pth": ({n.replace("conv1.weight", "conv1.0.weight") if n == "conv1.weight" else n: t for n, t in network().items()}, ["conv1.weight is missing"]),
        "group norm.pth": ({n: t for n, t in network().items() if "running" not in n}, ["running_mean is missing", "not a whole ResNet-50"]),
        "vit.pth": ({"cls_token": head("", 4)["bias"], "blocks.0.attn.qkv.weight": head("", 4)["weight"]}, ["2 tensors: blocks.0.attn.qkv.weight, cls_token"]),
        "whole model.pth": (instance(RESNET, training=False, _parameters=collections.OrderedDict()), ["torchvision.models.resnet.ResNet", "model.state_dict()"]),
        "model within.pth": ({"model": instance(RESNET, training=False), "epoch": 3}, ["no tensors", "torchvision.models.resnet.ResNet", "state_dict()"]),
        "sparse.pth": (network() | {"conv1.weight": sparse}, ["conv1.weight is a sparse tensor"]),
        "quantised.pth": (network() | {"bn1.bias": Rebuilt(QUANTISED, Storage("Byte", numpy.ones(64)), 0, (64,), (1,))}, ["bn1.bias is a quantised tensor"]),
        "integers.pth": (network(kind="Long"), ["type int64: want float32"]),
        "nan.pth": (network(first=numpy.nan), ["tensor bn1.bias", "value 0 is NaN"]),
        "too large.pth": (network(kind="Double", first=1e300), ["tensor bn1.bias", "value 0 is +Inf"]),
        "negative variance.pth": (network() | {"bn1.running_var": Tensor(Storage("Float", -numpy.ones(64)), (64,))}, ["bn1.running_var", "a variance is not negative"]),
        "command.pth": (training(network()) | {"hook": Command(folder / "executed")}, ["asks for posix.system", "refused"]),
        "empty.pth": ({"epoch": 3}, ["no tensors"]),
        "deep.pth": (nested(20), ["nested more than 8 deep"]),
    }
    refused = {}
    for name, (value, words) in files.items():
        save_zip(folder / name, value)
        save_legacy(folder / f"legacy {name}", value)
        refused[name] = refused[f"legacy {name}"] = words
    refused["both.pth:other."] = ['begin with "other."', "student.module.backbone."]
    for name, content, words in [
        ("gzip.pth", gzip.compress(b"x"), "packed by gzip"), ("keras.h5", b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        ("model.safetensors.index.json", b'{"metadata": {}}', "index of weights in several files"), ("page.pth", b"<html>", "a web page"),
        ("pointer.pth", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"), ("text.pth", b"weights", "neither a zip archive nor"),
    ]:
        (folder / name).write_bytes(content)
        refused[name] = [words, "want a .safetensors file"]
    (folder / "folder.pth").mkdir()
    refused["folder.pth"] = ["a folder"]
    with zipfile.ZipFile(folder / "script.pt", "w") as archive:
        archive.writestr("script/data.pkl", b"\x80\x02}.")
        archive.writestr("script/constants.pkl", b"\x80\x02).")
    refused["script.pt"] = ["a TorchScript program", "torch.save(model.state_dict(), file)"]
    numpy.savez(folder / "arrays.npz", x=numpy.ones(3))
    refused["arrays.npz"] = ["no data.pkl"]
    return refused


def nested(depth):
    return {"inner": nested(depth - 1)} if depth else network()


def main():
    folder = pathlib.Path(sys.argv[1])
    print(json.dumps({"read": write_read(folder), "refused": write_refused(folder), "values": VALUES}))


main()
