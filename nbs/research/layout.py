"""Memory layout of the patch model on a CPU: median seconds of a training update, an input gradient (kernel through the prior) and a forward pass. Writes layout.csv: `python nbs/research/layout.py`."""
import time
from pathlib import Path

import torch

from kernelfusion_nb.patch_model import PatchModel
from kernelfusion_nb.bench.tables import write_csv

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def median(work, repeats=9):
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return sorted(times)[repeats // 2]


def measure(layout):
    "Seconds of the three uses of a model of width 32, as preset cpu has them at LR 128, x2."
    model = PatchModel(3, 32).to(memory_format=layout)
    batch, levels = torch.randn(8, 3, 62, 62).contiguous(memory_format=layout), torch.randint(1, 500, (8,))
    training = median(lambda: model.valid(batch, levels).square().mean().backward())
    model.requires_grad_(False)
    image = torch.randn(1, 3, 256, 256).contiguous(memory_format=layout).requires_grad_(True)
    gradient = median(lambda: model(image, 100).square().mean().backward())
    chains = torch.randn(3, 3, 256, 256).contiguous(memory_format=layout)
    with torch.no_grad():
        forward = median(lambda: model(chains, 100))
    return dict(training=training, input_gradient=gradient, forward_3_chains=forward)


if __name__ == "__main__":
    rows = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for name, layout in LAYOUTS.items():
            rows.append(dict(threads=threads, layout=name) | {use: round(seconds, 3) for use, seconds in measure(layout).items()})
            print(*rows[-1].values(), flush=True)
    write_csv(rows, Path(__file__).with_suffix(".csv"))
