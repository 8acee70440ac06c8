"""make_pth.py DIR: writes small state dicts as torch.save writes them, without torch, and damaged ones.

Prints the tensors of the sound ones as JSON: {file: {name: {"dims": [...], "values": [...]}}}, each value the float32 that
torch would give. Names and pickles are torch's: collections.OrderedDict with _metadata, torch._utils._rebuild_tensor_v2 on
storages that are persistent ids.
"""

import collections
import io
import json
import os
import pathlib
import pickle
import struct
import sys
import types
import zipfile

import numpy

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001


def pretend(module, name, kind=None):
    """A class or function that pickles as module.name."""
    parts = module.split(".")
    for i in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    thing = kind or type(name, (), {})
    thing.__module__, thing.__name__, thing.__qualname__ = module, name, name
    setattr(sys.modules[module], name, thing)
    return thing


STORAGES = {
    name: pretend("torch", f"{name}Storage") for name in ("Float", "Half", "BFloat16", "Long", "Double", "Byte")
}
REBUILD = pretend("torch._utils", "_rebuild_tensor_v2", lambda: None)
PARAMETER = pretend("torch._utils", "_rebuild_parameter", lambda: None)


class Storage:
    """Numbers of a torch type; count may lie about them."""

    def __init__(self, kind, array, count=None):
        self.kind, self.array = kind, array
        self.count = array.size if count is None else count

    def data(self):
        if self.kind == "BFloat16":
            return (self.array.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()
        return self.array.astype({"Float": "<f4", "Half": "<f2", "Long": "<i8", "Double": "<f8", "Byte": "u1"}[self.kind]).tobytes()

    def values(self):
        if self.kind == "BFloat16":
            return (self.array.astype("<f4").view("<u4") & 0xFFFF0000).view("<f4")
        return self.array.astype("<f2").astype("<f4") if self.kind == "Half" else self.array.astype("<f4")


class Tensor:
    """A view of a storage: element strides, in elements."""

    def __init__(self, storage, dims, strides=None, offset=0):
        self.storage, self.dims, self.offset = storage, tuple(dims), offset
        self.strides = strides or tuple(int(numpy.prod(dims[i + 1 :])) for i in range(len(dims)))

    def __reduce__(self):
        return REBUILD, (self.storage, self.offset, self.dims, self.strides, False, collections.OrderedDict())

    def values(self):
        values = self.storage.values()[self.offset :]
        strides = [4 * s for s in self.strides]
        return numpy.lib.stride_tricks.as_strided(values, self.dims, strides).ravel().tolist()


class Parameter(Tensor):
    def __reduce__(self):
        return PARAMETER, (Tensor(self.storage, self.dims, self.strides, self.offset), True, collections.OrderedDict())


class Command:
    """What a hostile file holds."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch '{self.marker}'",)


class Pickler(pickle.Pickler):
    def __init__(self, file, legacy, protocol=2):
        super().__init__(file, protocol=protocol)
        self.legacy, self.storages = legacy, {}

    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        key = self.storages.setdefault(id(value), (str(len(self.storages)), value))[0]
        view = (None,) if self.legacy else ()
        return ("storage", STORAGES[value.kind], key, "cpu", value.count) + view


def state_dict(tensors):
    state = collections.OrderedDict(tensors)
    state._metadata = collections.OrderedDict({"": {"version": 1}, "bn1": {"version": 2}})
    return state


def save_zip(file, value, byteorder="little", protocol=2):
    text = io.BytesIO()
    pickler = Pickler(text, legacy=False, protocol=protocol)
    pickler.dump(value)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", text.getvalue())
        archive.writestr("archive/byteorder", byteorder)
        for key, storage in pickler.storages.values():
            archive.writestr(f"archive/data/{key}", storage.data())
        archive.writestr("archive/version", "3\n")


def save_legacy(file, value, magic=MAGIC):
    with open(file, "wb") as out:
        for head in magic, PROTOCOL, {"protocol_version": PROTOCOL, "little_endian": True, "type_sizes": {"int": 4}}:
            pickle.dump(head, out, protocol=2)
        pickler = Pickler(out, legacy=True)
        pickler.dump(value)
        pickle.dump([key for key, _ in pickler.storages.values()], out, protocol=2)
        for _, storage in pickler.storages.values():
            out.write(struct.pack("<q", storage.count) + storage.data())


def tensors(kind):
    rng = numpy.random.default_rng(7)
    numbers = rng.normal(size=2000).astype("f4")
    numbers[:6] = [0.0, -0.0, 2.0**-24, -(2.0**-24), 65504, -(2.0**-14)]
    return {
        "conv1.weight": Tensor(Storage(kind, numbers), (10, 2, 10, 10)),
        "bn1.weight": Tensor(Storage(kind, numbers[:64]), (64,)),
        "bn1.num_batches_tracked": Tensor(Storage("Long", numpy.array([123456789012])), ()),
    }


def strided():
    """A transposed view, two views of one storage, a column with an offset, an expanded row, a scalar."""
    storage = Storage("Float", numpy.arange(24, dtype="f4") / 8)
    return {
        "transposed": Tensor(storage, (4, 6), (1, 4)),
        "columns": Tensor(storage, (3, 2), (8, 3), 4),
        "expanded": Tensor(storage, (3, 4), (0, 1), 20),
        "channels_last": Tensor(storage, (2, 3, 2, 2), (12, 1, 6, 3)),
        "scalar": Tensor(storage, (), (), 23),
    }


def write_sound(folder):
    files = {f"{layout}_{kind}": tensors(kind) for layout in ("zip", "legacy") for kind in ("Float", "Double", "Half", "BFloat16")}
    files |= {"zip_strided": strided(), "legacy_strided": strided()}
    files["zip_parameter"] = {"fc.bias": Parameter(Storage("Float", numpy.arange(5, dtype="f4")), (5,))}
    files["zip_no_counter"] = {"fc.bias": Tensor(Storage("Float", numpy.arange(5, dtype="f4")), (5,))}
    wanted = {}
    for name, content in files.items():
        save = save_zip if name.startswith("zip") else save_legacy
        save(folder / f"{name}.pth", state_dict(content))
        kept = {key: t for key, t in content.items() if not key.endswith("num_batches_tracked")}
        wanted[name + ".pth"] = {key: {"dims": t.dims, "values": t.values()} for key, t in kept.items()}
    print(json.dumps(wanted))


def write_damaged(folder):
    five = numpy.arange(5, dtype="f4")
    bad = {
        "count_too_large": {"fc.bias": Tensor(Storage("Float", five, 6), (6,))},
        "count_too_small": {"fc.bias": Tensor(Storage("Float", five, 4), (4,))},
        "count_enormous": {"fc.bias": Tensor(Storage("Float", five, 1 << 60), (5,))},
        "beyond_storage": {"fc.bias": Tensor(Storage("Float", five), (3,), (2,), 1)},
        "negative_stride": {"fc.bias": Tensor(Storage("Float", five), (2,), (-1,), 4)},
        "negative_offset": {"fc.bias": Tensor(Storage("Float", five), (2,), (1,), -1)},
        "enormous": {"fc.bias": Tensor(Storage("Float", five), (1 << 40, 1 << 40), (0, 0))},
        "integers": {"fc.bias": Tensor(Storage("Long", five), (5,))},
    }
    for name, content in bad.items():
        save_zip(folder / f"zip_{name}.pth", state_dict(content))
        save_legacy(folder / f"legacy_{name}.pth", state_dict(content))
    save_zip(folder / "zip_big_endian.pth", state_dict({}), byteorder="big")
    save_zip(folder / "zip_list.pth", [1, 2, 3])
    save_legacy(folder / "legacy_other_magic.pth", state_dict({}), magic=MAGIC + 1)
    with zipfile.ZipFile(folder / "zip_no_pickle.pth", "w") as archive:
        archive.writestr("archive/readme", "no state dict")
    flipped = bytearray((folder / "zip_Float.pth").read_bytes())
    flipped[flipped.index(struct.pack("<f", 65504)) + 1] ^= 1
    (folder / "zip_flipped.pth").write_bytes(flipped)


def write_hostile(folder):
    for name in "state", "magic":
        command = Command(folder / f"executed_{name}")
        if name == "state":
            save_zip(folder / "zip_hostile.pth", state_dict({"fc.bias": command}))
            save_legacy(folder / "legacy_hostile.pth", state_dict({"fc.bias": command}))
        else:
            save_legacy(folder / "legacy_hostile_magic.pth", state_dict({}), magic=command)


def main():
    folder = pathlib.Path(sys.argv[1])
    write_sound(folder)
    write_damaged(folder)
    write_hostile(folder)


if __name__ == "__main__":
    main()
