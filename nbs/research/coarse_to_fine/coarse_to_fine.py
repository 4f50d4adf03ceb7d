"""Does x4 work better through x2? The same LR image is searched at scale 2, and the kernel doubled.

    python nbs/research/coarse_to_fine/coarse_to_fine.py [--case kodim24,k_0 ...]     writes coarse_to_fine.csv

Twelve cases of the suite dev4 (x4, LR 128): search and descent at scale 2, the kernel doubled, the best by the x4 score
of it and three doubled candidates, twenty updates at x4 from level 120, the image under it. Nothing is tuned. One to
two minutes a case on one core.
"""
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import again, record, reduced, trained

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.kernel_inr import centre
from kernelfusion_nb.schedule import noise_levels
from kernelfusion_nb.solver import start
from kernelfusion_nb.steps import STEPS, score_kernel

CASES = [f"{image},k_{number}" for number in range(0, 12, 2) for image in ("kodim24", "kodim08")]


def double(kernel, n):
    "`kernel` on the grid of twice the scale, bilinear."
    kernel = F.interpolate(kernel[None, None], size=(n, n), mode="bilinear", align_corners=False)[0, 0].clamp_min(0)
    return centre(kernel / kernel.sum())


def descend(run, kernel, visits, high):
    "The kernel after a descent of `visits` updates from `kernel`, with the prior of `run`."
    own = again(run)
    own.settings = replace(run.settings, kernel=replace(run.settings.kernel, visits=visits))
    own.models.add(kernel, 0.0)
    own.x, own.kernel, *_ = STEPS["begin"](own, high, None, 0)
    for index, t in enumerate(noise_levels(high, 80, visits)):
        own.x, own.kernel, *_ = STEPS["kernel"](own, t, run.noise(), index)
    return own.kernel


def image_gain(run, kernel, hr):
    "Gain over bicubic (dB) of the image under `kernel`."
    bicubic = run.having(x=run.bicubic).image()
    run.having(kernel=kernel, x=run.bicubic.repeat(run.settings.image.chains, 1, 1, 1))
    i = run.settings.image
    for index, t in enumerate(noise_levels(i.high, i.low, i.visits)):
        run.x, *_ = STEPS["image"](run, t, run.noise(), index)
    return psnr(run.image(), hr, 4) - psnr(bicubic, hr, 4)


def case_rows(name):
    "The row of a case."
    fine, hr, true = trained(name, 4, reduced(128, 40))
    coarse, hr, began = start(fine.lr, 2, len(true) // 2, fine.settings), load(hr).tensor, [time.perf_counter()]
    coarse.training = fine.training
    models = coarse.build()
    seconds = lambda: began.append(time.perf_counter()) or round(began[-1] - began[-2])
    for index in range(coarse.settings.kernel.searches):
        coarse.x, coarse.kernel, *_ = STEPS["search"](coarse, 200, coarse.noise(), index)
    spent = dict(seconds_search=seconds())
    found = descend(coarse, models.candidates[models.scores.argmin()], reduced(30, 2), 200)
    spent |= dict(seconds_x2=seconds())
    doubled = [double(kernel, len(true)) for kernel in (found, *models.candidates[models.scores.argsort()[:3]])]
    score, best = min(((score_kernel(fine, kernel)[0], kernel) for kernel in doubled), key=lambda pair: pair[0])
    seconds()
    kernel = descend(fine, best, reduced(20, 2), 120)
    spent |= dict(seconds_x4=seconds())
    halved = F.avg_pool2d(torch.as_tensor(true).float()[None, None], 2)[0, 0]
    alike = dict(similarity_x2=similarity(found, halved), similarity_doubled=similarity(doubled[0], true),
                 similarity=similarity(kernel, true))
    gains = dict(gain_doubled=image_gain(fine, best, hr), gain=image_gain(fine, kernel, hr))
    row = alike | gains | dict(score_doubled=score, score=score_kernel(fine, kernel)[0])
    image, which = name.split(",")
    spent |= dict(seconds_image=seconds())
    yield dict(image=image, kernel=which) | {key: round(value, 3) for key, value in row.items()} | spent


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)
