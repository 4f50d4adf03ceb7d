"""Does predicting held-out LR pixels tell the true kernel from others? A score without ground truth: `python nbs/research/held_out.py [--case astronaut,hollow ...]`, writes held_out_scores.csv. `held_out.csv`: what a prototype of it gave.

A tenth of the LR pixels is hidden from the image step, which solves argmin |M(Ax - y)|^2 + rho |x - x_pd|^2 under a held kernel while the prior descends; the score is the error of Ax on the
hidden pixels. Cross-validation chooses blurs in classical restoration (Reeves & Mersereau 1992); unlike the loss of the descent it cannot be lowered by fitting.
"""
import argparse
import math
from pathlib import Path

import numpy as np
import torch
from cases import CASES, trained

from kernelfusion_nb.consistency import conjugate_gradients, degrade, degrade_adjoint
from kernelfusion_nb.app.images import resize_bicubic
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.patch_model import predict_x0
from kernelfusion_nb.spectrum import start_kernel
from kernelfusion_nb.bench.tables import write_csv

LEVELS = (300, 250, 200, 150, 120, 100, 80, 60, 40, 20)


def solve_masked(y, kernel, scale, x, mask, rho, steps=20):
    "argmin |mask (Ax - y)|^2 + rho |x - x_pd|^2 by conjugate gradients on the dual; mask (1, 1, h, w) of 0 and 1."
    dual = conjugate_gradients(lambda u: mask * degrade(degrade_adjoint(u, kernel, scale), kernel, scale) + rho * u, mask * (y - degrade(x, kernel, scale)), steps)
    return x + degrade_adjoint(dual, kernel, scale)


@torch.no_grad()
def score(job, kernel, rho, masks=2, hidden=0.1):
    "{t: log10 of the mean squared error on hidden pixels}, over `masks` draws."
    found, side = {t: 0. for t in LEVELS}, tuple(job.scale * s for s in job.y.shape[-2:])
    for draw in range(masks):
        g = torch.Generator().manual_seed(draw)
        mask = (torch.rand(1, 1, *job.y.shape[-2:], generator=g) > hidden).float()
        x = resize_bicubic(job.y, side)
        for t in LEVELS:
            x_pd = predict_x0(job.training.prior(), job.schedule, job.schedule.noisify(x, t, torch.randn(x.shape, generator=g)), t)
            x = solve_masked(job.y, kernel, job.scale, x_pd, mask, rho)
            found[t] += float(((1 - mask) * (degrade(x, kernel, job.scale) - job.y)).square().sum() / (1 - mask).sum() / job.y.shape[1]) / masks
    return {t: math.log10(value) for t, value in found.items()}


def candidates(true, scale, estimates):
    "{label: kernel}: the truth, what resembles it, and `estimates` (a file of kernels), where given."
    blurred = torch.nn.functional.avg_pool2d(true[None, None], 3, 1, 1)[0, 0]
    known = {"true": true, "flipped": true.flip(0, 1), "cross": (true + true.flip(0, 1)) / 2, "blurred": blurred / blurred.sum(), "narrow": start_kernel(len(true), scale)}
    return known | {f"estimate {i}": torch.from_numpy(k) for i, k in enumerate(np.load(estimates)[1:] if estimates else ())}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="*", default=CASES)
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--estimates", default=None, help=".npy (n, h, w) of further kernels; the first is left out")
    parser.add_argument("--out", default=Path(__file__).with_name("held_out_scores.csv"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for name in args.case:
        job, _, kernel = trained(name, args.scale, args.side)
        for label, k in candidates(torch.as_tensor(kernel).float(), args.scale, args.estimates).items():
            for rho in (1e-2, 1e-1):
                found = score(job, k, rho)
                rows.append(dict(case=name, scale=args.scale, lr=args.side, candidate=label, similarity=f"{similarity(k.numpy(), kernel):.3f}", rho=rho, mean=f"{sum(found.values()) / len(found):.4f}")
                            | {f"t {t}": f"{value:.3f}" for t, value in found.items()})
                print(*rows[-1].values(), flush=True)
    write_csv(rows, args.out)


if __name__ == "__main__":
    main()
