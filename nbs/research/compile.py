"""Does `torch.compile` pay for the patch model on this machine? Median seconds of a training update, an input gradient and a forward pass, eager and compiled, and what starting cost. Writes compile.csv: `python nbs/research/compile.py`."""
import os
import time
from functools import partial
from pathlib import Path

os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"  # what an earlier run has compiled would start in about 2 s

import torch

from kernelfusion_nb.device import autocast
from kernelfusion_nb.patch_model import PatchModel
from kernelfusion_nb.bench.speed import seconds_of
from kernelfusion_nb.bench.tables import write_csv

median = partial(seconds_of, device=torch.device("cpu"), most=9)


def uses(model, layout):
    "{use: function of the network to be called}: as preset cpu has them at LR 96, x2."
    batch, levels = torch.randn(8, 3, 62, 62).contiguous(memory_format=layout), torch.randint(1, 500, (8,))
    image = torch.randn(1, 3, 206, 206).contiguous(memory_format=layout).requires_grad_()
    chains, level = torch.randn(3, 3, 206, 206).contiguous(memory_format=layout), torch.tensor(100)

    def passed(network, x, t):
        with autocast("cpu"):
            return network(x, t).float()

    @torch.no_grad()
    def forward(network):
        passed(network, chains, level)
    return {"training": lambda network: passed(network, batch, levels).square().mean().backward(), "input gradient": lambda network: passed(network, image, level).square().mean().backward(),
            "forward, 3 chains": forward}


if __name__ == "__main__":
    torch.set_num_threads(1)
    rows = []
    for name, layout in (("contiguous", torch.contiguous_format), ("channels_last", torch.channels_last)):
        for use in ("training", "input gradient", "forward, 3 chains"):
            model = PatchModel(3, 32).to(memory_format=layout).requires_grad_(use == "training")
            work = uses(model, layout)[use]
            eager, compiled = median(lambda: work(model.valid)), torch.compile(model.valid, dynamic=False)
            began = time.perf_counter()
            work(compiled)
            start = time.perf_counter() - began
            fast = median(lambda: work(compiled))
            rows.append(dict(layout=name, use=use, eager=round(eager, 4), compiled=round(fast, 4), ratio=round(eager / fast, 2), start=round(start, 1), calls_to_pay=round(start / (eager - fast)) if eager > fast else "never"))
            print(*rows[-1].values(), flush=True)
    write_csv(rows, Path(__file__).with_suffix(".csv"))
