"""x4 through x2: `python nbs/research/coarse_to_fine/coarse_to_fine.py DATA [--tiny]` prints one row a case.

DATA: a folder with hr/ and kernels/blind144_rebuilt_24x24.npz. The same LR image is searched at scale 2, the kernel descends there, is doubled, descends again at x4 from level 120, and the
image is solved under it. Nothing is tuned. One to two minutes a case on one core.
"""
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.app.samples import degrade_photo, hr_photo
from kernelfusion_nb.kernel_inr import centre
from kernelfusion_nb.schedule import noise_levels
from kernelfusion_nb.solver import make_settings, start, train_prior
from kernelfusion_nb.steps import STEPS, score_kernel

SETTINGS = make_settings("cpu", torch.device("cpu"))


def double(kernel, n):
    "`kernel` on the grid of twice the scale, bilinear."
    kernel = F.interpolate(kernel[None, None], size=(n, n), mode="bilinear", align_corners=False)[0, 0].clamp_min(0)
    return centre(kernel / kernel.sum())


def descend(run, kernel, visits, high):
    "The kernel after a descent of `visits` updates from `kernel`."
    kept, run.models = run.settings, None
    run.settings = replace(kept, kernel=replace(kept.kernel, visits=visits))
    models = run.build()
    models.candidates, models.scores, run.x = kernel[None], torch.zeros(1), run.bicubic
    run.x, run.kernel, _, _ = STEPS["begin"](run, high, None, 0)
    for index, t in enumerate(noise_levels(high, 80, visits)):
        run.x, run.kernel, _, _ = STEPS["kernel"](run, t, run.noise(), index)
    run.settings = kept
    return run.kernel


def case(data, image, kernel, crop=512, searches=6):
    true = np.load(data / "kernels/blind144_rebuilt_24x24.npz")[kernel].astype("float32")
    lr, hr = degrade_photo(replace(hr_photo(data / f"hr/{image}.png", 4, crop)[0], depth="uint8"), true, 4)
    lr, hr = load(lr).tensor, load(hr).tensor
    coarse, fine = start(lr, 2, 12, SETTINGS), start(lr, 4, 24, SETTINGS)
    for _ in train_prior(coarse):
        pass
    fine.training = coarse.training
    models = coarse.build()
    for index in range(searches):
        coarse.x, coarse.kernel, _, _ = STEPS["search"](coarse, 200, coarse.noise(), index)
    found = descend(coarse, models.candidates[models.scores.argmin()], 30, 200)
    fine.build()
    starts = [double(kernel, 24) for kernel in (found, *models.candidates[models.scores.argsort()[:3]])]
    best = min(starts, key=lambda kernel: score_kernel(fine, kernel)[0])
    fine.kernel = descend(fine, best, 20, 120)
    fine.x = fine.bicubic.repeat(3, 1, 1, 1)
    for index, t in enumerate(noise_levels(300, 5, 10)):
        fine.x, _, _, _ = STEPS["image"](fine, t, fine.noise(), index)
    gain = psnr(fine.image(), hr, 4) - psnr(fine.bicubic / fine.spread + fine.mean, hr, 4)
    print(f"{image} {kernel}: doubled {similarity(starts[0], true):.3f}, found {similarity(fine.kernel, true):.3f}, gain {gain:+.2f} dB", flush=True)


if __name__ == "__main__":
    tiny = "--tiny" in sys.argv
    for kernel in ("k_0", "k_2", "k_4", "k_6", "k_8", "k_10")[:1 if tiny else None]:
        for image in ("kodim24", "kodim08")[:1 if tiny else None]:
            case(Path(sys.argv[1]), image, kernel, *((192, 1) if tiny else ()))
