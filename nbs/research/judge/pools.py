"""Pools of candidate kernels with their features, one row a candidate: `python nbs/research/judge/pools.py DATA [--tiny]` writes pools_x2.csv.

DATA: a folder with hr/ (photographs) and kernels/blind144_rebuilt_24x24.npz. 36 cases of the suite dev2, 24 starts each fitted to the spectrum, with their half turns, and the truth;
restored as in the scoring. About 40 s a case on one core.
"""
import csv
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import similarity, to_scale
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.app.samples import degrade_photo, hr_photo
from kernelfusion_nb.consistency import lr_loss, solve_image
from kernelfusion_nb.device import draw_noise
from kernelfusion_nb.kernel_inr import centre
from kernelfusion_nb.patch_model import predict_x0
from kernelfusion_nb.solver import make_settings, start, train_prior
from kernelfusion_nb.spectrum import fit_spectrum

LEVELS = 200, 100, 50


def restored(run, kernel):
    "(features of the scoring, its image) under `kernel`: as `steps.score_kernel`, the terms apart."
    x, generator, terms = run.bicubic, torch.Generator().manual_seed(7), {}
    for t in LEVELS:
        eps = draw_noise(x.shape, generator, x.device)
        x_pd = predict_x0(run.models.prior, run.schedule, run.schedule.noisify(x, t, eps), t)
        terms[f"err{t}"] = float((x_pd - x).square().mean().log())
        terms[f"lr{t}"] = float(lr_loss(x_pd, kernel, run.y, run.scale).log())
        x = solve_image(run.y, kernel, run.scale, x_pd, rho=run.settings.kernel.rho)
    return terms | {"spec": float(run.models.spectrum.loss(kernel))}, x


def sparsity(image):
    "Features of the restored luminance: normalised sparsity and total variation of first and second differences (logarithms)."
    c = (image * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1)[0, 8:-8, 8:-8]
    g = (c.diff(dim=1)[:-1] ** 2 + c.diff(dim=0)[:, :-1] ** 2).sqrt()
    second = (c[2:, 1:-1] + c[:-2, 1:-1] + c[1:-1, 2:] + c[1:-1, :-2] - 4 * c[1:-1, 1:-1]).abs()
    normalised = lambda v: float((v.mean() / v.square().mean().sqrt()).log())
    spread = float(((g / g.square().mean().sqrt()) ** 2 + 1e-3).log().mean())
    return dict(l1l2=normalised(g), tv=float(g.mean().log()), lap=float(second.mean().log()), lapl1l2=normalised(second), mlog=spread)


@torch.no_grad()
def pool(data, image, kernel, scale=2, crop=192, searches=None):
    "Rows (dicts) of one case."
    true = to_scale(np.load(data / "kernels/blind144_rebuilt_24x24.npz")[kernel], scale)
    lr, hr = degrade_photo(replace(hr_photo(data / f"hr/{image}.png", scale, crop)[0], depth="uint8"), true, scale)
    run, hr = start(load(lr).tensor, scale, len(true), make_settings("cpu", torch.device("cpu"))), load(hr).tensor
    with torch.enable_grad():
        for _ in train_prior(run):
            pass
    run.build()
    fits = [k for four in run.models.starts[:searches] for k in fit_spectrum(run.models.spectrum, four, prune=0.1).to(run.y)]
    candidates = [turned for k in fits for turned in (k, centre(k.flip(0, 1)))] + [torch.from_numpy(true)]
    back, rows = lambda x: x / run.spread + run.mean, []
    base = psnr(back(run.bicubic), hr, scale)
    for index, k in enumerate(candidates):
        terms, x = restored(run, k)
        means = {name: sum(terms[f"{name}{t}"] for t in LEVELS) / len(LEVELS) for name in ("err", "lr")}
        weights = dict(kl2=float(k.square().sum().log()), ent=float(-(k.clamp_min(1e-9) * k.clamp_min(1e-9).log()).sum()))
        kept = {name: terms[name] for name in ("err50", "err200", "lr50", "spec")}
        facts = dict(case=f"{image}-{kernel}", image=image, kernel=kernel, candidate=index, truth=int(index == len(candidates) - 1))
        rows.append(facts | dict(sim=similarity(k, true), gain=psnr(back(x), hr, scale) - base) | means | kept | sparsity(back(x)) | weights)
    return rows


if __name__ == "__main__":
    tiny, data = "--tiny" in sys.argv, Path(sys.argv[1])
    cases = [(f"kodim{i}", f"k_{j}") for j in range(12) for i in ("05", "08", "24")]
    rows = [row for case in cases[:1 if tiny else None] for row in pool(data, *case, searches=1 if tiny else None)]
    target = Path("tiny.csv") if tiny else Path(__file__).with_name("pools_x2.csv")
    with open(target, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()} for row in rows)
