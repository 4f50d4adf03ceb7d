"""Does `torch.compile` pay for the patch model on this machine?

    python nbs/research/speed/compile.py     writes compile.csv

Median seconds of a training update, an input gradient and a forward pass, eager and compiled, and what starting cost;
on one core with OMP_NUM_THREADS=1.
"""
import os
import sys
import time
from functools import partial
from pathlib import Path

os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"  # what an earlier run has compiled would start in about 2 s

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, TINY, reduced, written

from kernelfusion_nb.bench.cost import seconds_of
from kernelfusion_nb.device import autocast
from kernelfusion_nb.patch_model import PatchModel

SIDE = reduced(206, 40)
median = partial(seconds_of, device=CPU, most=reduced(9, 1))


def uses(layout):
    "{use: function of the network to be called}: as preset cpu has them at LR 96, x2."
    laid = lambda *shape: torch.randn(shape).contiguous(memory_format=layout)
    batch, levels, level = laid(8, 3, 62, 62), torch.randint(1, 500, (8,)), torch.tensor(100)
    image, chains = laid(1, 3, SIDE, SIDE).requires_grad_(), laid(3, 3, SIDE, SIDE)

    def passed(network, x, t):
        with autocast("cpu"):
            return network(x, t).float()

    @torch.no_grad()
    def forward(network):
        passed(network, chains, level)
    return {"training": lambda network: passed(network, batch, levels).square().mean().backward(),
            "input gradient": lambda network: passed(network, image, level).square().mean().backward(),
            "forward, 3 chains": forward}


def row_of(name, layout, use):
    model = PatchModel(3, 32).to(memory_format=layout).requires_grad_(use == "training")
    work = uses(layout)[use]
    eager = median(lambda: work(model.valid))
    compiled = model.valid if TINY else torch.compile(model.valid, dynamic=False)
    began = time.perf_counter()
    work(compiled)
    start = time.perf_counter() - began
    fast = median(lambda: work(compiled))
    return dict(layout=name, use=use, eager=round(eager, 4), compiled=round(fast, 4), ratio=round(eager / fast, 2),
                start=round(start, 1), calls_to_pay=round(start / (eager - fast)) if eager > fast else "never")


if __name__ == "__main__":
    rows = []
    for name, layout in (("contiguous", torch.contiguous_format), ("channels_last", torch.channels_last)):
        for use in ("training", "input gradient", "forward, 3 chains"):
            rows.append(row_of(name, layout, use))
            written(rows, __file__)
