"""Which memory layout of the patch model is faster on a CPU?

    python nbs/research/speed/layout.py     writes layout.csv

Median seconds of a training update, an input gradient (the kernel through the prior) and a forward pass, fp32, with one
thread and with two, of a model of width 32 as preset cpu has it at LR 128, x2.
"""
import sys
from functools import partial
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, reduced, written

from kernelfusion_nb.bench.cost import seconds_of
from kernelfusion_nb.patch_model import PatchModel

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
SIDE = reduced(256, 40)
median = partial(seconds_of, device=CPU, budget=20., most=reduced(9, 1))


def measure(layout):
    "{use: median seconds}."
    model = PatchModel(3, 32).to(memory_format=layout)
    laid = lambda *shape: torch.randn(shape).contiguous(memory_format=layout)
    batch, levels = laid(8, 3, 62, 62), torch.randint(1, 500, (8,))
    training = median(lambda: model.valid(batch, levels).square().mean().backward())
    model.requires_grad_(False)
    image = laid(1, 3, SIDE, SIDE).requires_grad_(True)
    gradient = median(lambda: model(image, 100).square().mean().backward())
    chains = laid(3, 3, SIDE, SIDE)
    with torch.no_grad():
        forward = median(lambda: model(chains, 100))
    return dict(training=training, input_gradient=gradient, forward_3_chains=forward)


if __name__ == "__main__":
    rows = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for name, layout in LAYOUTS.items():
            seconds = {use: round(value, 3) for use, value in measure(layout).items()}
            rows.append(dict(threads=threads, layout=name) | seconds)
            written(rows, __file__)
