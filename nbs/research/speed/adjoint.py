"""How fast are the adjoint of the degradation and its kernel gradient by phases, against torch's own?

    python nbs/research/speed/adjoint.py     writes adjoint.csv

Median seconds against torch's transposed convolution and weight gradient; on one core with OMP_NUM_THREADS=1.
"""
import sys
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, reduced, written

from kernelfusion_nb.bench.cost import seconds_of
from kernelfusion_nb.consistency import _kernel_gradient, degrade, degrade_adjoint, fold_reflection, padding

SIZES = (2, 12, 96), (2, 12, 128), (3, 19, 96), (4, 24, 64), (4, 24, 128), (8, 48, 64)
median = partial(seconds_of, device=CPU, most=reduced(15, 1))


def transposed(y, kernel, scale):
    (b, c, h, w), p = y.shape, padding(len(kernel), scale)
    wide = F.conv_transpose2d(y.reshape(b * c, 1, h, w), kernel[None, None], stride=scale)
    return fold_reflection(wide, p).reshape(b, c, h * scale, w * scale)


def plain(x, kernel, scale):
    padded = F.pad(x, (padding(len(kernel), scale),) * 4, mode="reflect")
    return F.conv2d(padded[0][:, None], kernel[None, None], stride=scale)


def row_of(scale, n, side):
    y, kernel = torch.randn(1, 3, side, side), torch.rand(n, n) / n ** 2 * 2
    x = torch.randn(1, 3, side * scale, side * scale)
    wanted = kernel.clone().requires_grad_()
    loss = plain(x, wanted, scale)
    works = dict(
        degrade=lambda: degrade(x, kernel, scale), adjoint_torch=lambda: transposed(y, kernel, scale),
        adjoint=lambda: degrade_adjoint(y, kernel, scale),
        kernel_gradient_torch=lambda: torch.autograd.grad(loss, wanted, y[0][:, None], retain_graph=True),
        kernel_gradient=lambda: _kernel_gradient(x, y, n, scale))
    return dict(scale=scale, n=n, lr=side) | {name: f"{median(work):.5f}" for name, work in works.items()}


if __name__ == "__main__":
    rows = []
    for size in reduced(SIZES, SIZES[:1]):
        rows.append(row_of(*size))
        written(rows, __file__)
