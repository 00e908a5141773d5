"""Times softmax attention with rotary positions in PyTorch, as its users write it.

One sequence of 2,048 tokens, 8 heads of 64, float32. Queries and keys are rotated (half-split pairs, base 10000), then
softmax(Q K^T / sqrt(d)) V; with --causal under a mask. The tables of cosines and sines are made before the clock starts.
forward is without gradients; backward is the time of a pass with gradients less that of its forward part. Prints one line
of JSON: medians in milliseconds.
"""
import argparse
import json
import statistics
import time

import torch

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--tokens", type=int, default=2048)
parser.add_argument("--heads", type=int, default=8)
parser.add_argument("--dim", type=int, default=64)
parser.add_argument("--repeats", type=int, default=9)
parser.add_argument("--causal", action="store_true")
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(1)

n, h, d = args.tokens, args.heads, args.dim
q, k, v, g = (torch.randn(1, h, n, d) for _ in range(4))
angle = torch.arange(n)[:, None] * 10000.0 ** (-torch.arange(0, d, 2) / d)[None]
cos, sin = torch.cat([angle.cos()] * 2, -1), torch.cat([angle.sin()] * 2, -1)
mask = torch.full((n, n), float("-inf")).triu(1) if args.causal else None


def rotate(x):
    half = torch.cat([-x[..., d // 2 :], x[..., : d // 2]], -1)
    return x * cos + half * sin


def attend(q, k, v):
    scores = rotate(q) @ rotate(k).transpose(-1, -2) / d**0.5
    if mask is not None:
        scores = scores + mask
    return scores.softmax(-1) @ v


def forward():
    start = time.perf_counter()
    with torch.no_grad():
        attend(q, k, v)
    return time.perf_counter() - start


def backward():
    leaves = [x.clone().requires_grad_() for x in (q, k, v)]
    out = attend(*leaves)
    start = time.perf_counter()
    out.backward(g)
    return time.perf_counter() - start


figures = {"torch": torch.__version__, "threads": args.threads, "tokens": n, "heads": h, "dim": d, "causal": args.causal}
for name, f in ("forward", forward), ("backward", backward):
    f()
    figures[name + "_ms"] = round(1000 * statistics.median(f() for _ in range(args.repeats)), 2)
print(json.dumps(figures))
