"""What should a clipped LR pixel count?

    python nbs/research/noise/clipped.py [--case astronaut,gaussian ...]     writes clipped.csv

The HR photograph's contrast is raised until a share of its LR pixels clips; the true kernel given, LR 64, x2: gain over
bicubic (dB, HR clipped to the range as a file is) with the pixels used as they are, left out, or one-sided.
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, SMALL, case, noise, record, reduced

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.consistency import degrade, quantise, solve_image
from kernelfusion_nb.noise import clip_weights, saturated
from kernelfusion_nb.patch_model import predict_x0
from kernelfusion_nb.schedule import noise_levels
from kernelfusion_nb.solver import make_settings, start, train_prior

CASES = "astronaut,gaussian", "coffee,disk", "chelsea,l", "camera,hollow"
QUICK = dict(prior_steps=200)


def weights_of(how, prediction, y, low, high):
    "Weights of the data term, or None."
    if how == "used":
        return None
    return (~saturated(y, low, high)).to(y) if how == "left out" else clip_weights(prediction, y, low, high)


def restored(run, kernel, how, rho=3e-3):
    "The image (1, C, H, W) in the photograph's range after six levels."
    low, high = ((end - run.mean) * run.spread for end in (-1.0, 1.0))
    x = run.bicubic
    for index, t in enumerate(noise_levels(300, 5, reduced(6, 2))):
        with torch.no_grad():
            x = predict_x0(run.models.prior, run.schedule, run.schedule.noisify(x, t, noise(x, index)), t)
            at = x  # whose degradation says which pixels count; then once more with that of the image
            for _ in range(2 if how == "one-sided" else 1):
                weights = weights_of(how, degrade(at, kernel, run.scale), run.y, low, high)
                at = solve_image(run.y, kernel, run.scale, x, rho=rho, weights=weights)
            x = at
    return x / run.spread + run.mean


def case_rows(name):
    "A row for each share of clipped pixels."
    _, hr, true = case(*name.split(","), side=reduced(64, 40))
    photo, true = load(hr).tensor, torch.as_tensor(true).float()
    for share in (0.05, 0.1):
        levels = degrade(photo, true, 2).amax(1)
        bright = photo + 1
        bright = bright * (2 / float((levels + 1).quantile(1 - share))) - 1
        lr, hr = quantise(degrade(bright, true, 2)), bright.clamp(-1, 1)
        run = start(lr, 2, len(true), make_settings("cpu", CPU, reduced(QUICK, SMALL)))
        for _ in train_prior(run):
            pass
        run.build()
        base = psnr(run.image().clamp(-1, 1), hr, 2)
        row = dict(case=name, clipped=round(float(saturated(lr).double().mean()), 3), bicubic=round(base, 2))
        yield row | {how: round(psnr(restored(run, true, how).clamp(-1, 1), hr, 2) - base, 3) for how in ("used", "left out", "one-sided")}


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)
