"""Is the exact kernel biased when it is fitted to the prior's images? Writes kernel_bias.csv: `python nbs/research/kernel_bias.py` (about 10 minutes on two cores).

The true HR image is noised to level t with 4 independent draws and denoised; the kernel is fitted with `cross` = 0, .5 and 1 as share of products between draws.
`width` is the square root of the kernel's second moment (pixels): too large at cross = 0, too small at cross = 1, most of all for narrow kernels and at high t.
"""
from pathlib import Path

import numpy as np
import torch

from kernelfusion_nb.consistency import solve_kernel
from kernelfusion_nb.app.images import load
from kernelfusion_nb.job import Job, steps
from kernelfusion_nb.settings import make_settings
from kernelfusion_nb.app.kernels import make, similarity
from kernelfusion_nb.parts import chain_equations
from kernelfusion_nb.patch_model import predict_x0
from kernelfusion_nb.app.samples import degrade_photo, sample
from kernelfusion_nb.bench.tables import write_csv

CASES = [("astronaut", "hollow"), ("rocket", "shake"), ("coffee", "gaussian")]


def width(kernel):
    v, u = np.mgrid[:len(kernel), :len(kernel)] - (len(kernel) - 1) / 2
    return float((kernel * (v ** 2 + u ** 2)).sum() ** .5)


def ladder(image, name, levels=(60, 120, 200, 300, 400), draws=4):
    kernel = make(name, 2)
    lr, hr = degrade_photo(load(sample(image)), kernel, 2)
    job = Job(load(lr).tensor, 2, 12, make_settings("cpu", torch.device("cpu"), {}), 0, torch.device("cpu"))
    for _ in range(job.settings.prior_steps):
        job.training.step()
    x, prior = (load(hr).tensor - job.mean) * job.spread, job.training.prior()
    for t in levels:
        with torch.no_grad():
            noise = torch.randn(draws, *x.shape[1:], generator=torch.Generator().manual_seed(0))
            x_pd = predict_x0(prior, job.schedule, job.schedule.noisify(x, t, noise), t)
            for cross in (0., .5, 1.):
                k = solve_kernel(*chain_equations(x_pd, job.y, 12, 2, cross), smooth=3e-3).numpy()
                yield dict(image=image, kernel=name, t=t, cross=cross, similarity=round(similarity(k, kernel), 3), width=round(width(k), 2), true_width=round(width(kernel), 2))


if __name__ == "__main__":
    rows = [row for case in CASES for row in ladder(*case)]
    write_csv(rows, Path(__file__).with_suffix(".csv"))
