"""Signs that need no truth: do they tell a right kernel from a wrong one?

    python nbs/research/reductions/signs.py      writes signs.csv; ten minutes on one core

Sharp photographs at LR 64 (chelsea by bicubic, coffee by box) and two of dev2 at LR 96 under their kernels; the image
under several kernels, prior and preset as in a solve. score: S of index 5.2; hidden: log of the squared error on a
tenth of the LR pixels that the image was not told (two draws, level 10); over: share of the squared difference from
bicubic that lies beyond the range of the nearest 3x3 LR pixels; gain: PSNR over bicubic at rho .01.
"""
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, SMALL, again, case, image_under, noise, record, reduced
from reductions import lr_image

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.app.samples import hr_photo, sample
from kernelfusion_nb.consistency import bicubic_start, degrade, solve_image
from kernelfusion_nb.patch_model import predict_x0
from kernelfusion_nb.reductions import REDUCTIONS, fit_gaussian, gaussian, reduction
from kernelfusion_nb.solver import make_settings, start, train_prior
from kernelfusion_nb.steps import score_kernel

CASES = "chelsea,bicubic", "coffee,box", "kodim05,k_3", "kodim24,k_9"


@torch.no_grad()
def hidden_error(run, kernel):
    "Log of the mean squared error on hidden pixels, down to level 10."
    total = 0.0
    for draw in range(2):
        shown = (torch.rand(1, 1, *run.y.shape[-2:], generator=torch.Generator().manual_seed(draw)) > 0.1).float()
        around = lambda z: F.avg_pool2d(F.pad(z, (1, 1, 1, 1), mode="reflect"), 3, 1)
        x = bicubic_start(torch.where(shown > 0, run.y, around(shown * run.y) / around(shown).clamp_min(0.1)), run.scale)
        for t in (200, 100, 50, 20, 10):
            x_pd = predict_x0(run.models.prior, run.schedule, run.schedule.noisify(x, t, noise(x, seed=t)), t)
            error = ((1 - shown) * (degrade(x_pd, kernel, run.scale) - run.y)).square().mean() / (1 - shown).mean()
            x = solve_image(run.y, kernel, run.scale, x_pd, rho=0.01, weights=shown)
        total += float(error.log()) / 2
    return total


def overshoot(run, x):
    "Share of |x - bicubic|^2 that lies beyond the range of the 3x3 LR pixels around."
    high = F.max_pool2d(run.y, 3, 1, 1)
    low = -F.max_pool2d(-run.y, 3, 1, 1)
    high, low = (z.repeat_interleave(run.scale, 2).repeat_interleave(run.scale, 3) for z in (high, low))
    beyond = F.relu(x - high) + F.relu(low - x)
    return float(beyond.square().mean() / (x - run.bicubic).square().mean())


def rows(name):
    "A row for each kernel."
    image, kind = name.split(",")
    if kind.startswith("k_"):
        lr, hr, true = case(image, kind, side=reduced(96, 40))
    else:
        hr = hr_photo(sample(image), 2, reduced(128, 64))[0].array()
        lr, true = lr_image(hr, kind), None
    run = start(load(lr).tensor, 2, 12, make_settings("cpu", CPU, reduced({}, SMALL)))
    for _ in train_prior(run):
        pass
    run.build()
    kernels = {word: reduction(word, 2) for word in REDUCTIONS} | {"Gaussian": fit_gaussian(run.models.spectrum, 12, 2)}
    kernels |= {"Gaussian, 1.3 px": gaussian(12, 1.3, 1.3, 0)} | ({} if true is None else {"true": torch.as_tensor(true)})
    bicubic = psnr(run.image(), load(hr).tensor, 2)
    for word, kernel in kernels.items():
        own = again(run)
        image = image_under(own, kernel.float(), rho=0.01)
        x = (image - run.mean) * run.spread
        yield {"case": name, "kernel": word, "score": round(score_kernel(run, kernel.float())[0], 3),
               "hidden": round(hidden_error(run, kernel.float()), 3), "over": round(overshoot(run, x), 3),
               "gain": round(psnr(image, load(hr).tensor, 2) - bicubic, 2)}


if __name__ == "__main__":
    record(rows, reduced(CASES, ("astronaut,box",)), __file__, __doc__)
