"""How near to the prior's proposal should the image stay, at how much noise and under which JPEG?

    python nbs/research/noise/rho.py [--case astronaut,l ...]     writes rho.csv

The true kernel given, LR 64, x2, one chain: gain over bicubic (dB) at six rho after noise of 5 and 10 grey levels and
JPEG 75, 50; `true`: standard deviation of what is wrong with the LR image (grey levels, all channels), `variance` its
square on the scale of the run.
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, SMALL, case, image_under, record, reduced

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.solver import make_settings, start, train_prior

CASES = "astronaut,l", "coffee,gaussian", "chelsea,disk", "camera,hollow"
STAGES = {"jpeg 50": dict(jpeg=50), "noise 5": dict(noise=5), "jpeg 75": dict(jpeg=75), "noise 10": dict(noise=10), "noise 3": dict(noise=3)}
RHO = 0.001, 0.003, 0.01, 0.03, 0.1, 0.3
QUICK = dict(prior_steps=150, prior_batch=4, image_visits=6, image_chains=1)


def case_rows(name):
    "A row for each stage."
    clean = load(case(*name.split(","), side=reduced(64, 40))[0]).tensor
    for stage, how in STAGES.items():
        lr, hr, true = case(*name.split(","), side=reduced(64, 40), **how)
        hr, true = load(hr).tensor, torch.as_tensor(true).float()
        run = start(load(lr).tensor, 2, len(true), make_settings("cpu", CPU, reduced(QUICK, SMALL)))
        for _ in train_prior(run):
            pass
        run.build()
        bicubic, wrong = psnr(run.image(), hr, 2), float((run.lr - clean).square().mean().sqrt())
        row = dict(case=name, stage=stage, true=round(wrong * 127.5, 2), variance=f"{(wrong * run.spread) ** 2:.3g}")
        yield row | {f"rho_{rho}": round(psnr(image_under(run, true, rho=rho), hr, 2) - bicubic, 3) for rho in RHO}


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)
