"""Times a training step, or a pass forward, of ViT-S/16 in PyTorch on images of 224 by 224 pixels.

The model is DeiT-S of Touvron and others (ICML 2021, table 1) without distillation: 12 blocks of width 384, 6 heads, learned
positions, 22,050,664 parameters, written from the paper's description. Queries, keys and values come from one product, and
attention is the products and the softmax of plain PyTorch operations. A step is forward, cross entropy with labels smoothed by
0.1, backward, clipping of the gradient to norm 1 and AdamW, on random pixels. Prints one line of JSON: medians in seconds of
the clock and of the processors.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn as nn

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--images", type=int, default=4)
parser.add_argument("--passes", type=int, default=10)
parser.add_argument("--mode", choices=["forward", "train"], default="train")
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(1)

WIDTH, LAYERS, HEADS, PATCH, SIDE, CLASSES = 384, 12, 6, 16, 224, 1000


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.project, self.out = nn.LayerNorm(WIDTH, 1e-6), nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.feed = nn.Sequential(nn.LayerNorm(WIDTH, 1e-6), nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x):
        images, tokens, _ = x.shape
        q, k, v = self.project(self.norm(x)).reshape(images, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        weights = ((q * (WIDTH // HEADS) ** -0.5) @ k.transpose(-2, -1)).softmax(-1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(images, tokens, WIDTH))
        return x + self.feed(x)


class ViT(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, PATCH, PATCH)
        self.first = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.places = nn.Parameter(torch.randn(1, (SIDE // PATCH) ** 2 + 1, WIDTH) * 0.02)
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm, self.head = nn.LayerNorm(WIDTH, 1e-6), nn.Linear(WIDTH, CLASSES)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.first.expand(len(x), -1, -1), x], 1) + self.places
        return self.head(self.norm(self.blocks(x)[:, 0]))


model = ViT()
parameters = list(model.parameters())
assert sum(p.numel() for p in parameters) == 22050664
optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=1e-5)
images, labels = torch.rand(args.images, 3, SIDE, SIDE) * 2 - 1, torch.arange(args.images)


def step():
    if args.mode == "forward":
        with torch.no_grad():
            model(images)
        return
    optimiser.zero_grad(set_to_none=True)
    nn.functional.cross_entropy(model(images), labels, label_smoothing=0.1).backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()


def processors():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


model.train(args.mode == "train")
clock, work = [], []
for n in range(args.passes + 2):
    start, busy = time.perf_counter(), processors()
    step()
    if n >= 2:
        clock.append(time.perf_counter() - start)
        work.append(processors() - busy)
print(json.dumps({"model": "vit-s", "mode": args.mode, "images": args.images, "threads": args.threads, "torch": torch.__version__,
                  "seconds": statistics.median(clock), "processor_seconds": statistics.median(work)}))
