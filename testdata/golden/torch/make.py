#!/usr/bin/env python3
"""Writes the golden files of this folder: what PyTorch computes for the optimiser, the layers and the losses that
this module has too. Run it with Python 3 and PyTorch 1.13 (any later version should give the same to the last digits):

    python3 make.py

All numbers come from seeded generators and one thread. The files are in the safetensors format, written here by hand
so that nothing but PyTorch is needed. Results are PyTorch's float32, except those named *.f64, which it computed in
float64 from the same float32 inputs.
"""
import json
import os
import struct

import torch
from torch import nn
from torch.nn import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}


def save(name, tensors, note, config=None):
    """Writes tensors and metadata as <name>.safetensors: larger element types first, then by name."""
    header = {"__metadata__": {"code": "PyTorch " + torch.__version__, "script": "testdata/golden/torch/make.py",
                               "config": json.dumps(config or {}), "note": note}}
    payload, at = [], 0
    for key in sorted(tensors, key=lambda k: (-tensors[k].element_size(), k)):
        t = tensors[key].detach().contiguous()
        data = bytes(t.numpy().tobytes())
        header[key] = {"dtype": TYPES[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(data)]}
        payload.append(data)
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, name + ".safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(payload))


def normal(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def adamw():
    """Ten steps on tensors of odd sizes, at a rate that changes, with gradients that are zero, tiny, huge, or absent."""
    config = {"steps": 10, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 1e-2, "params": 4,
              "lr": [1e-3 * (1 + i) / 3 for i in range(10)], "keep": [1, 2, 5, 10]}
    shapes = [(1,), (7,), (3, 11), (129, 5)]
    params = [nn.Parameter(normal(10 + i, *s)) for i, s in enumerate(shapes)]
    out = {"start.%d" % i: p.clone() for i, p in enumerate(params)}
    opt = torch.optim.AdamW(params, lr=1, betas=(config["beta1"], config["beta2"]), eps=config["eps"],
                            weight_decay=config["weight_decay"], foreach=False)
    for step in range(1, config["steps"] + 1):
        opt.param_groups[0]["lr"] = config["lr"][step - 1]
        for i, p in enumerate(params):
            g = normal(100 * step + i, *shapes[i])
            flat = g.view(-1)
            flat[0::13] = 0
            flat[5::13] *= 1e6
            flat[9::13] *= 1e-20
            if i == 2 and step in (1, 4, 5):
                p.grad = None  # not reached by the loss: neither moved nor decayed, and its step is not counted
                continue
            p.grad = g
            out["grad.%d.%d" % (step, i)] = g.clone()
        opt.step()
        if step in config["keep"]:
            for i, p in enumerate(params):
                out["param.%d.%d" % (step, i)] = p.clone()
    for i, p in enumerate(params):
        out["m.%d" % i] = opt.state[p]["exp_avg"]
        out["v.%d" % i] = opt.state[p]["exp_avg_sq"]
    save("adamw", out, "torch.optim.AdamW(foreach=False): start.<i> parameters before; grad.<step>.<i> gradients, absent "
         "where they were None; param.<step>.<i> parameters after the steps of config.keep; m.<i>, v.<i> moments at the "
         "end", config)


def clip():
    """torch.nn.utils.clip_grad_norm_ on gradients whose norm is above, below and at the limit."""
    cases, out = {"above": 1.0, "below": 1e4, "near": 0.0}, {}
    for tag in cases:
        params = [nn.Parameter(torch.zeros(s)) for s in ((5,), (17, 33), (1,))]
        for i, p in enumerate(params):
            p.grad = normal(40 + i, *p.shape)
            out["%s.grad.%d" % (tag, i)] = p.grad.clone()
        if tag == "near":
            total = sum(p.grad.double().pow(2).sum() for p in params).sqrt()
            cases[tag] = float(total) * (1 + 1e-7)
        out[tag + ".norm"] = nn.utils.clip_grad_norm_(params, cases[tag]).reshape(1)
        for i, p in enumerate(params):
            out["%s.clipped.%d" % (tag, i)] = p.grad.clone()
    save("clip", out, "clip_grad_norm_ with max_norm = config[<case>]: <case>.grad.<i>, <case>.norm before clipping, "
         "<case>.clipped.<i>", cases)


def layer(name, module, x, note, config=None):
    """Runs module on x forward and backward from sum(probe * output), in float32 and in float64."""
    state = {k: v.clone() for k, v in module.state_dict().items() if v.dtype == torch.float32}
    out = {"w." + k: v for k, v in state.items()}
    out["x"] = x
    for suffix, dtype in (("", torch.float32), (".f64", torch.float64)):
        module.load_state_dict(state, strict=False)
        module.to(dtype)
        xin = x.detach().clone().to(dtype).requires_grad_()
        y = module(xin)
        probe = normal(77, *y.shape)
        out["probe"] = probe
        module.zero_grad()
        (y * probe.to(dtype)).sum().backward()
        out["out" + suffix], out["grad.x" + suffix] = y, xin.grad
        for k, p in module.named_parameters():
            out["gw." + k + suffix] = p.grad.clone()
        for k, b in module.named_buffers():
            if b.dtype == dtype:
                out["after." + k + suffix] = b.clone()
    save(name, out, note + "; w.* state before, x input, out output, probe: the loss is sum(probe * out), grad.x and gw.* "
         "gradients, after.* buffers after the forward pass", config)


class SquaredReLU(nn.Module):
    def forward(self, x):
        return torch.relu(x) ** 2


class CausalConv(nn.Conv1d):
    """A depth-wise convolution of x [rows, channels] along the rows that sees no later row."""

    def __init__(self, channels, kernel):
        super().__init__(channels, channels, kernel, padding=kernel - 1, groups=channels)

    def forward(self, x):
        return super().forward(x.t().unsqueeze(0))[0, :, :len(x)].t()


class RMSNorm(nn.Module):
    """The norm of LLaMA's code."""

    def __init__(self, width, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps))


def randomised(module, seed):
    for i, t in enumerate(list(module.parameters()) + [b for b in module.buffers() if b.dtype == torch.float32]):
        with torch.no_grad():
            t.copy_(normal(seed + i, *t.shape).abs() + 0.5)
    return module


def layers():
    columns = normal(1, 300, 7) * torch.tensor([1, 3, 0.1, 1, 10, 1, 2.0]) + torch.tensor([0, 1, 0.1, -2, 0, 0.3, 1.0])
    for name, train in (("batchnorm_train", True), ("batchnorm_eval", False)):
        norm = randomised(nn.BatchNorm1d(7), 20).train(train)
        layer(name, norm, columns, "torch.nn.BatchNorm1d", {"train": train, "eps": norm.eps, "momentum": norm.momentum})
    far = columns + torch.tensor([0, 1, 5, -20, 100, 0.3, 1.0])
    layer("batchnorm_offset", randomised(nn.BatchNorm1d(7), 24).train(), far,
          "torch.nn.BatchNorm1d on columns whose mean is many times their spread", {"train": True, "eps": 1e-5, "momentum": 0.1})
    layer("batchnorm_threerows", randomised(nn.BatchNorm1d(7), 21).train(), columns[:3].clone(),
          "torch.nn.BatchNorm1d on three rows", {"train": True, "eps": 1e-5, "momentum": 0.1})
    layer("batchnorm_nostats", randomised(nn.BatchNorm1d(7, track_running_stats=False), 22).eval(), columns[:50].clone(),
          "torch.nn.BatchNorm1d(track_running_stats=False).eval()", {"train": False, "eps": 1e-5, "momentum": 0.1})
    layer("layernorm", randomised(nn.LayerNorm(19), 23), normal(2, 33, 19) * 3 + 1, "torch.nn.LayerNorm", {"eps": 1e-5})
    layer("rmsnorm", randomised(RMSNorm(19, 1e-6), 25), normal(2, 33, 19) * 3 + 1, "the RMSNorm of LLaMA", {"eps": 1e-6})
    torch.manual_seed(6)
    layer("causalconv", CausalConv(17, 3), normal(5, 70, 17), "torch.nn.Conv1d(17, 17, 3, padding=2, groups=17) of one "
          "sequence x [rows, channels], without its last two outputs")
    torch.manual_seed(5)
    layer("linear_bias", nn.Linear(17, 33), normal(3, 130, 17), "torch.nn.Linear")
    layer("linear_nobias", nn.Linear(5, 3, bias=False), normal(4, 1, 5), "torch.nn.Linear(bias=False)")
    steps = torch.cat([torch.linspace(-12, 12, 481), torch.tensor([0.0, 1e-20, -1e-20, 1e-4, -1e-4])]).reshape(-1, 1)
    for name, module in (("relu", nn.ReLU()), ("gelu", nn.GELU()), ("silu", nn.SiLU()), ("elu", nn.ELU()),
                         ("tanh", nn.Tanh()), ("sigmoid", nn.Sigmoid()), ("gelu-tanh", nn.GELU(approximate="tanh"))):
        layer("activation_" + name, module, steps, "torch.nn." + type(module).__name__)
    layer("activation_squared-relu", SquaredReLU(), steps, "torch.relu(x) ** 2")


def images(x, size):
    """Pixels [rows, channels] as images [images, channels, height, width]."""
    return x.reshape(*size, -1).permute(0, 3, 1, 2)


def pixels(x):
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


class PixelConv(nn.Conv2d):
    """A convolution of images whose pixels are rows: size is the number of images, height, width."""

    def forward(self, x):
        return pixels(super().forward(images(x, self.size)))


class SequenceConv(nn.Conv1d):
    """The same for sequences."""

    def forward(self, x):
        return pixels(super().forward(images(x, self.size)[:, :, 0]).unsqueeze(2))


class PixelGroupNorm(nn.GroupNorm):
    def forward(self, x):
        return pixels(super().forward(images(x, self.size)))


def convolutions():
    """Convolutions and group normalisations of images and of sequences, on pixels [rows, channels]."""
    def case(name, module, size, channels, note, **config):
        module.size = size
        config.update(images=size[0], height=size[1], width=size[2])
        layer(name, module, normal(30, size[0] * size[1] * size[2], channels), note, config)

    torch.manual_seed(7)
    for name, size, channels, out, kernel, options in (
            ("patch", (2, 21, 18), 3, 5, (7, 7), {"stride": [4, 4], "padding": [2, 2]}),
            ("stride", (2, 9, 7), 6, 10, (3, 3), {"stride": [2, 2], "padding": [1, 1]}),
            ("dilation", (1, 10, 9), 4, 5, (3, 2), {"stride": [1, 2], "padding": [3, 2], "dilation": [3, 2]}),
            ("groups", (2, 5, 6), 8, 12, (3, 3), {"padding": [1, 1], "groups": 4, "bias": False}),
            ("circular", (2, 6, 5), 3, 4, (3, 5), {"padding": [1, 2], "circular": True}),
            ("depthwise", (2, 7, 6), 20, 20, (3, 3), {"padding": [1, 1], "groups": 20}),
            ("depthwise-circular", (2, 6, 6), 5, 5, (3, 3), {"padding": [1, 1], "groups": 5, "circular": True}),
            ("depthwise-stride", (1, 9, 8), 5, 5, (5, 3), {"stride": [2, 3], "padding": [2, 0], "groups": 5})):
        arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items() if k != "circular"}
        mode = "circular" if options.get("circular") else "zeros"
        case("conv_" + name, PixelConv(channels, out, kernel, padding_mode=mode, **arguments), size, channels, "torch.nn.Conv2d", **options)
    case("conv_sequence", SequenceConv(6, 8, 3, padding=1), (3, 1, 13), 6, "torch.nn.Conv1d", padding=[0, 1])
    for name, groups, channels, size in (("few", 3, 12, (2, 5, 7)), ("all", 8, 8, (3, 1, 9)), ("one", 1, 6, (2, 4, 4))):
        case("groupnorm_" + name, randomised(PixelGroupNorm(groups, channels, eps=1e-6), 26), size, channels, "torch.nn.GroupNorm",
             groups=groups, eps=1e-6)


def losses():
    """Losses with PyTorch's mean, on moderate and on extreme predictions."""
    out, config = {}, {}

    def case(tag, loss, pred, target, name):
        config[tag] = name
        for suffix, dtype in (("", torch.float32), (".f64", torch.float64)):
            p = pred.detach().clone().to(dtype).requires_grad_()
            t = target if target.dtype == torch.int64 else target.to(dtype)
            value = loss(p, t)
            value.backward()
            out[tag + ".loss" + suffix], out[tag + ".grad" + suffix] = value.reshape(1), p.grad
        out[tag + ".pred"], out[tag + ".true"] = pred, target

    classes = torch.arange(33) * 7 % 10
    case("ce", F.cross_entropy, normal(6, 33, 10) * 3, classes, "cross-entropy")
    case("ce_extreme", F.cross_entropy, normal(7, 33, 10) * 300, classes, "cross-entropy")
    case("ce_sure", F.cross_entropy, F.one_hot(classes, 10) * 30.0, classes, "cross-entropy")
    labels = (normal(8, 17, 3) > 0).float()
    case("bce", F.binary_cross_entropy_with_logits, normal(9, 17, 3) * 3, labels, "binary-cross-entropy")
    case("bce_extreme", F.binary_cross_entropy_with_logits, normal(10, 17, 3) * 300, labels, "binary-cross-entropy")
    case("l1", F.l1_loss, normal(11, 33, 5), normal(12, 33, 5), "l1")
    case("mse", F.mse_loss, normal(13, 33, 5), normal(14, 33, 5), "mse")
    save("losses", out, "losses of torch.nn.functional: <case>.pred, .true, .loss, .grad; config names the loss", config)


if __name__ == "__main__":
    torch.set_num_threads(1)
    adamw()
    clip()
    layers()
    convolutions()
    losses()
