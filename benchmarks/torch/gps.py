"""Times a training step of GraphGPS on ZINC in PyTorch, without PyTorch Geometric.

The model is that of the official configuration zinc-GPS+RWSE: ten layers of width 64, four heads, GINE beside a softmax
attention, 20 return probabilities, 423,717 parameters. Graphs are the first of ZINC-12k's training split, from the JSON Lines
file that --data names; their batches, with the return probabilities, are made before the clock starts. Messages are gathered
with index_select and added up with index_add; attention runs on a padded batch, by scaled products as nn.MultiheadAttention
computes them. Prints one line of JSON: medians in seconds.
"""
import argparse
import gzip
import json
import resource
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="train.jsonl.gz of ZINC-12k")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--batches", type=int, default=4)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--steps", type=int, default=20)
parser.add_argument("--mode", choices=["train", "forward"], default="train")
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(1)

WIDTH, HEADS, LAYERS, WALKS, POSITIONS, DROP = 64, 4, 10, 20, 28, 0.5


class Batch:
    def __init__(self, graphs):
        types, bonds, source, target, walks, sizes, y = [], [], [], [], [], [], []
        first = 0
        for g in graphs:
            n = len(g["x"])
            adjacency = torch.zeros(n, n)
            for u, v, kind in g["e"]:
                for s, t in ((u, v), (v, u)):
                    source.append(first + s)
                    target.append(first + t)
                    bonds.append(kind)
                    adjacency[s, t] = 1
            walk = adjacency / adjacency.sum(1, keepdim=True).clamp(min=1)
            power, diagonals = walk, []
            for _ in range(WALKS):
                diagonals.append(power.diagonal())
                power = power @ walk
            walks.append(torch.stack(diagonals, 1))
            types += g["x"]
            sizes.append(n)
            y.append(g["y"])
            first += n
        self.types, self.bonds = torch.tensor(types), torch.tensor(bonds)
        self.source, self.target = torch.tensor(source), torch.tensor(target)
        self.walks, self.y = torch.cat(walks), torch.tensor(y, dtype=torch.float32)
        self.graph = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
        longest = max(sizes)
        starts = torch.tensor([0] + sizes[:-1]).cumsum(0)
        self.place = self.graph * longest + torch.arange(first) - starts[self.graph]
        self.shape = (len(sizes), longest)
        mask = torch.zeros(len(sizes) * longest, dtype=torch.bool)
        mask[self.place] = True
        self.bias = torch.zeros(len(sizes), 1, 1, longest).masked_fill_(~mask.view(len(sizes), 1, 1, longest), float("-inf"))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.update = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH))
        self.project, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.first, self.second = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)
        self.local_norm, self.attention_norm, self.norm = (nn.BatchNorm1d(WIDTH) for _ in range(3))

    def attend(self, x, b):
        batch, longest = b.shape
        dense = x.new_zeros(batch * longest, 3 * WIDTH).index_copy(0, b.place, self.project(x))
        q, k, v = dense.view(batch, longest, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5 + b.bias
        weights = F.dropout(scores.softmax(-1), DROP, self.training)
        y = (weights @ v).transpose(1, 2).reshape(batch * longest, WIDTH)
        return self.out(y.index_select(0, b.place))

    def forward(self, x, e, b):
        messages = F.relu(x.index_select(0, b.source) + e)
        local = self.update(x + torch.zeros_like(x).index_add(0, b.target, messages))
        h = self.local_norm(x + local) + self.attention_norm(x + self.attend(x, b))
        return self.norm(h + self.second(F.relu(self.first(h))))


class GPS(nn.Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.edges = nn.Embedding(28, WIDTH - POSITIONS), nn.Embedding(4, WIDTH)
        self.walk_norm, self.walk = nn.BatchNorm1d(WALKS), nn.Linear(WALKS, POSITIONS)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head = nn.Sequential(nn.Linear(WIDTH, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, b):
        x = torch.cat([self.nodes(b.types), self.walk(self.walk_norm(b.walks))], 1)
        e = self.edges(b.bonds)
        for layer in self.layers:
            x = layer(x, e, b)
        pooled = x.new_zeros(len(b.y), WIDTH).index_add(0, b.graph, x)
        return self.head(pooled).squeeze(1)


graphs = []
with gzip.open(args.data, "rt") as lines:
    for line in lines:
        graphs.append(json.loads(line))
        if len(graphs) == args.batches * args.batch_size:
            break
batches = [Batch(graphs[i * args.batch_size : (i + 1) * args.batch_size]) for i in range(args.batches)]
model = GPS()
parameters = list(model.parameters())
optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=1e-5)
model.train(args.mode == "train")


def step(b):
    if args.mode == "forward":
        with torch.no_grad():
            return model(b)
    optimiser.zero_grad(set_to_none=True)
    F.l1_loss(model(b), b.y).backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()


times = []
for i in range(3 + args.steps):
    start = time.perf_counter()
    step(batches[i % args.batches])
    times.append(time.perf_counter() - start)
print(json.dumps({
    "torch": torch.__version__, "mode": args.mode, "threads": args.threads, "parameters": sum(p.numel() for p in parameters),
    "nodes": sum(len(b.types) for b in batches) / args.batches, "edges": sum(len(b.bonds) for b in batches) / args.batches,
    "seconds": round(statistics.median(times[3:]), 5), "fastest": round(min(times[3:]), 5),
    "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
}))
