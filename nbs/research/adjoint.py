"""The adjoint of the degradation and its kernel gradient by phases against torch's transposed convolution and weight gradient: median seconds on one core. Writes adjoint.csv: `python nbs/research/adjoint.py`."""
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F

from kernelfusion_nb.consistency import _kernel_gradient, degrade, degrade_adjoint, fold_reflection, padding
from kernelfusion_nb.bench.speed import seconds_of
from kernelfusion_nb.bench.tables import write_csv

median = partial(seconds_of, device=torch.device("cpu"), most=15)


def transposed(y, kernel, scale):
    (b, c, h, w), p = y.shape, padding(len(kernel), scale)
    return fold_reflection(F.conv_transpose2d(y.reshape(b * c, 1, h, w), kernel[None, None], stride=scale), p).reshape(b, c, h * scale, w * scale)


def plain(x, kernel, scale):
    return F.conv2d(F.pad(x, (padding(len(kernel), scale),) * 4, mode="reflect")[0][:, None], kernel[None, None], stride=scale)


if __name__ == "__main__":
    torch.set_num_threads(1)
    rows = []
    for scale, n, side in ((2, 12, 96), (2, 12, 128), (3, 19, 96), (4, 24, 64), (4, 24, 128), (8, 48, 64)):
        y, kernel = torch.randn(1, 3, side, side), torch.rand(n, n) / n ** 2 * 2
        x = torch.randn(1, 3, side * scale, side * scale)
        wanted = kernel.clone().requires_grad_()
        loss = plain(x, wanted, scale)
        row = dict(scale=scale, n=n, lr=side, degrade=median(lambda: degrade(x, kernel, scale)), adjoint_torch=median(lambda: transposed(y, kernel, scale)), adjoint=median(lambda: degrade_adjoint(y, kernel, scale)),
                   kernel_gradient_torch=median(lambda: torch.autograd.grad(loss, wanted, y[0][:, None], retain_graph=True)), kernel_gradient=median(lambda: _kernel_gradient(x, y, n, scale)))
        rows.append({key: f"{value:.5f}" if isinstance(value, float) else value for key, value in row.items()})
        print(*rows[-1].values(), flush=True)
    write_csv(rows, Path(__file__).with_suffix(".csv"))
