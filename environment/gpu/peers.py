"""Measures on a GPU what is compared with this program there. It needs NumPy and PyTorch, and for FAISS a wheel with its GPU part.

  peers.py make BASE.npy N D        writes N vectors in 1,000 clusters
  peers.py nearest BASE.npy K       finds the K nearest others of all vectors, by FAISS and by PyTorch, and prints the seconds
  peers.py check BASE.npy OWN.ivecs compares the lists of 1,000 vectors with distances in double precision
  peers.py resnet50 BATCH           prints images/s of torchvision's ResNet-50 in float32
"""
import sys
import time

import numpy as np
import torch

torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
CUDA = torch.device("cuda")


def make(path, n, d):
    rng = np.random.default_rng(1)
    centres = rng.standard_normal((1000, d), dtype=np.float32)
    x = rng.standard_normal((int(n), d), dtype=np.float32)
    x += centres[rng.integers(0, 1000, int(n))]
    np.save(path, x)


def seconds(work):
    torch.cuda.synchronize()
    began = time.time()
    work()
    torch.cuda.synchronize()
    return time.time() - began


def by_torch(x, k, rows=8192, columns=131072):
    """Returns the IDs of the k nearest others of all rows: products and topk of blocks, then topk of the lists of a row."""
    base = torch.from_numpy(x).to(CUDA)
    base -= base.mean(0)
    norms = (base * base).sum(1)
    ids = np.empty((len(x), k), np.int32)
    for i in range(0, len(x), rows):
        best, places = [], []
        for j in range(0, len(x), columns):
            values = torch.addmm(norms[j:j + columns], base[i:i + rows], base[j:j + columns].T, alpha=-2)
            if i < j + columns and j < i + rows:
                own = torch.arange(max(i, j), min(i + rows, j + columns, len(x)), device=CUDA)
                values[own - i, own - j] = torch.inf
            v, p = values.topk(min(k, values.shape[1]), largest=False)
            best.append(v)
            places.append(p + j)
        order = torch.cat(best, 1).topk(k, largest=False).indices
        ids[i:i + rows] = torch.cat(places, 1).gather(1, order).int().cpu().numpy()
    return ids


def by_faiss(x, k):
    import faiss
    index = faiss.GpuIndexFlatL2(faiss.StandardGpuResources(), x.shape[1])
    index.add(x)
    _, ids = index.search(x, k + 1)
    return ids


def nearest(path, k):
    x = np.load(path)
    for name, search in (("PyTorch " + torch.__version__, by_torch), ("FAISS", by_faiss)):
        try:
            search(x[:20000], k)  # compiles and allocates
            print(f"{name}: {len(x)} × {x.shape[1]}, k {k}: {seconds(lambda: search(x, k)):.2f} s", flush=True)
        except (ImportError, RuntimeError) as error:
            print(f"{name}: {error}", flush=True)


def check(path, own):
    x, lists = np.load(path), np.fromfile(own, np.int32)
    k = lists[0]
    lists = lists.reshape(-1, k + 1)[:, 1:]
    assert len(lists) == len(x)
    base = torch.from_numpy(x).to(CUDA, torch.float64)
    wrong = 0
    for i in np.linspace(0, len(x) - 1, 1000).astype(int):
        d = ((base - base[i]) ** 2).sum(1)
        d[i] = torch.inf
        wrong += not np.array_equal(d.topk(int(k), largest=False).indices.cpu().numpy(), lists[i])
    print(f"{wrong} of 1000 lists differ from those in double precision")


def resnet50(batch):
    import torchvision
    model = torchvision.models.resnet50(weights=None).eval().to(CUDA)
    torch.backends.cudnn.benchmark = True
    for name, memory in (("NCHW", torch.contiguous_format), ("channels last", torch.channels_last)):
        model.to(memory_format=memory)
        images = torch.rand(batch, 3, 224, 224, device=CUDA).to(memory_format=memory)
        with torch.inference_mode():
            for _ in range(3):
                model(images)
            took = seconds(lambda: [model(images) for _ in range(20)])
        print(f"PyTorch {torch.__version__}, {name}, batches of {batch}: {20 * batch / took:.0f} images/s", flush=True)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    globals()[command](*(int(a) if a.isdigit() else a for a in arguments))
