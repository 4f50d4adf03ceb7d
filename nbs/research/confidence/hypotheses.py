"""What do the ends of the descents say about how sure the kernel is, and what should the image make of it?

    python nbs/research/confidence/hypotheses.py [--case kodim05,k_0 ...]     writes hypotheses.csv

The first six descents of descents.npz, 36 cases of dev2 (x2, LR 96). Of each case margin and width (see
`steps.confidence`) and the similarity of the agreed kernel; and gains over bicubic in dB: of the exact image under it
at several rho (rho_...), of chains shared between the groups of ends by exp(-sharpness margin) at rho .01 (mix_...), of
a mean with bicubic (half), of the image blurred by half a pixel (blurred), and of what the solver makes of these ends,
rho and chains by itself (chosen). Half a minute a case on one core.
"""
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import TINY, ends, image_under, record, reduced, trained

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.steps import agreed_kernel, agreeing, confidence, shared

CASES = [f"{image},k_{number}" for number in range(12) for image in ("kodim05", "kodim08", "kodim24")]
RHO = reduced((0.1, 0.03, 0.01, 0.003, 0.001, 0.0003), (0.01, 0.001))
SHARPNESS = 3, 5, 7, 10


def blurred(image, sigma=0.5):
    "`image` (1, C, H, W) under a Gaussian."
    line = torch.exp(-0.5 * (torch.arange(-3, 4) / sigma) ** 2)
    kernel = torch.outer(line, line)[None, None] / line.sum() ** 2
    return F.conv2d(F.pad(image.transpose(0, 1), (3,) * 4, mode="replicate"), kernel).transpose(0, 1)


def rows_of(name, run, hr, true):
    "The row of the case `name`; `run` has a trained prior, hr (1, C, H, W), true (n, n)."
    if TINY:
        kernels, judged = torch.stack([true, true.flip(0, 1)]), torch.tensor([0.0, 0.1], dtype=torch.float64)
    else:
        kernels, judged = ends(*name.split(","))
    groups = agreeing(kernels, judged)
    agreed = [agreed_kernel(kernels[group], judged[group]) for group in groups]
    bicubic = run.having(x=run.bicubic).image()
    gain = lambda image: round(psnr(image, hr, run.scale) - psnr(bicubic, hr, run.scale), 3)
    at = {rho: image_under(run, agreed[0], rho=rho) for rho in RHO}
    images = [at[0.01], *(image_under(run, kernel, rho=0.01) for kernel in agreed[1:4])]
    margins = (judged[[group[0] for group in groups[:4]]] - judged.min()).tolist()
    image, which = name.split(",")
    row = dict(image=image, kernel=which, margin=round(margins[1] if len(groups) > 1 else math.inf, 4),
               width=round(run.scale ** 2 * float(agreed[0].square().sum()), 4), groups=len(groups),
               similarity=round(similarity(agreed[0], true), 4))
    row |= {f"rho_{rho}": gain(x) for rho, x in at.items()}
    for sharpness in SHARPNESS:
        parts = shared((-sharpness * torch.tensor(margins)).softmax(0), 3)
        row[f"mix_{sharpness}"] = gain(sum(part / 3 * x for part, x in zip(parts, images)))
    row |= dict(half=gain(0.5 * at[0.01] + 0.5 * bicubic), blurred=gain(blurred(at[0.01])))
    run.models.descended, run.models.judged = kernels, judged
    run.having(kernel=agreed[0])
    yield row | dict(confidence=round(confidence(run), 4), chosen=gain(image_under(run, agreed[0], rho=0.0)))


def case_rows(name):
    "The row of a case, its prior trained first."
    run, hr, true = trained(name, side=reduced(96, 40))
    yield from rows_of(name, run, load(hr).tensor, torch.as_tensor(true).float())


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)
