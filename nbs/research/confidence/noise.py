"""How near to the prior's proposal should the image stay, at how much noise?

    python nbs/research/confidence/noise.py [--case kodim05,k_0 ...]     writes noise.csv

Gaussian noise of 0 to 10 grey levels on the LR photograph before rounding, the true kernel given: what `noise_level`
reads, its square on the scale of the run, and the gain over bicubic (dB) at seven rho. Three minutes a case on one
core.
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, SMALL, case, image_under, record, reduced

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.solver import make_settings, start, train_prior
from kernelfusion_nb.noise import noise_level

CASES = "kodim05,k_0", "kodim24,k_2", "kodim08,k_6", "kodim24,k_9"
RHO = 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3


def case_rows(name):
    "A row for each level of noise."
    for sigma in reduced((0, 1, 3, 5, 10), (0, 5)):
        lr, hr, true = case(*name.split(","), side=reduced(96, 40), noise=sigma)
        hr, true = load(hr).tensor, torch.as_tensor(true).float()
        run = start(load(lr).tensor, 2, len(true), make_settings("cpu", CPU, reduced({}, SMALL)))
        for _ in train_prior(run):
            pass
        run.build()
        bicubic, level = psnr(run.image(), hr, 2), float(noise_level(run.y)[0].mean())
        row = dict(case=name, noise=sigma, read=round(level / run.spread * 255 / 2, 3), variance=f"{level ** 2:.3g}")
        yield row | {f"rho_{rho}": round(psnr(image_under(run, true, rho=rho), hr, 2) - bicubic, 3) for rho in RHO}


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)
