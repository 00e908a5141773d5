"""Times CSWin-T in PyTorch on images of 224 by 224 pixels, forward and a training step.

The model is that of table 1 of the paper (Dong and others, CVPR 2022): width 64, 1, 2, 21 and 1 blocks, stripes of 1, 2, 7 and
all tokens, 22,320,552 parameters, written from the paper's description. Attention is the products and the softmax of plain
PyTorch operations on windows that are cut out with reshape and permute. Prints one line of JSON: medians in seconds of the
clock and of the processors.
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
parser.add_argument("--images", type=int, default=1)
parser.add_argument("--passes", type=int, default=10)
parser.add_argument("--mode", choices=["forward", "train"], default="forward")
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(1)

WIDTH, LAYERS, HEADS, STRIPES, CLASSES = 64, (1, 2, 21, 1), (2, 4, 8, 16), (1, 2, 7, 7), 1000


class Stripes(nn.Module):
    """Attention within windows of high by wide tokens, with the convolution of the values."""

    def __init__(self, width, heads, high, wide):
        super().__init__()
        self.heads, self.high, self.wide = heads, high, wide
        self.local = nn.Conv2d(width, width, 3, padding=1, groups=width)

    def forward(self, qkv, side):  # [3, images, tokens, width]
        _, images, _, width = qkv.shape
        down, across, head = side // self.high, side // self.wide, width // self.heads
        x = qkv.reshape(3, images, down, self.high, across, self.wide, width).permute(0, 1, 2, 4, 3, 5, 6)
        x = x.reshape(3, images * down * across, self.high * self.wide, width)
        q, k, v = (t.reshape(-1, self.high * self.wide, self.heads, head).transpose(1, 2) for t in x)
        weights = ((q * head**-0.5) @ k.transpose(-2, -1)).softmax(-1)
        out = (weights @ v).transpose(1, 2).reshape(-1, self.high, self.wide, width)
        image = x[2].transpose(1, 2).reshape(-1, width, self.high, self.wide)
        out = out + self.local(image).permute(0, 2, 3, 1)
        out = out.reshape(images, down, across, self.high, self.wide, width).permute(0, 1, 3, 2, 4, 5)
        return out.reshape(images, side * side, width)


class Block(nn.Module):
    def __init__(self, width, heads, side, stripe, last):
        super().__init__()
        self.side = side
        if last:
            self.parts = nn.ModuleList([Stripes(width, heads, side, side)])
        else:
            self.parts = nn.ModuleList([Stripes(width // 2, heads // 2, side, stripe), Stripes(width // 2, heads // 2, stripe, side)])
        self.norm, self.project, self.out = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        images, tokens, width = x.shape
        qkv = self.project(self.norm(x)).reshape(images, tokens, 3, width).permute(2, 0, 1, 3)
        halves = qkv.chunk(len(self.parts), -1)
        x = x + self.out(torch.cat([p(h, self.side) for p, h in zip(self.parts, halves)], -1))
        return x + self.feed(x)


class Down(nn.Module):
    def __init__(self, channels, width, kernel, stride, padding):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(channels, width, kernel, stride, padding), nn.LayerNorm(width)

    def forward(self, image):
        return self.norm(self.conv(image).flatten(2).transpose(1, 2))


class CSWin(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.stages = nn.ModuleList(), nn.ModuleList()
        side = 56
        for s, layers in enumerate(LAYERS):
            width = WIDTH << s
            self.down.append(Down(width // 2, width, 3, 2, 1) if s else Down(3, width, 7, 4, 2))
            last = s == len(LAYERS) - 1
            self.stages.append(nn.Sequential(*[Block(width, HEADS[s], side, STRIPES[s], last) for _ in range(layers)]))
            side //= 2
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, CLASSES)

    def forward(self, image):
        for down, stage in zip(self.down, self.stages):
            x = stage(down(image))
            side = int(x.shape[1] ** 0.5)
            image = x.transpose(1, 2).reshape(x.shape[0], -1, side, side)
        return self.head(self.norm(x).mean(1))


model = CSWin()
parameters = sum(p.numel() for p in model.parameters())
assert parameters == 22320552, parameters
images, labels = torch.randn(args.images, 3, 224, 224), torch.arange(args.images)


def step():
    if args.mode == "forward":
        with torch.no_grad():
            model(images)
        return
    model.zero_grad()
    nn.functional.cross_entropy(model(images), labels).backward()


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
print(json.dumps({"model": "cswin-t", "mode": args.mode, "images": args.images, "threads": args.threads, "torch": torch.__version__,
                  "seconds": statistics.median(clock), "processor_seconds": statistics.median(work)}))
