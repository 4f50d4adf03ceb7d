"""Does predicting held-out LR pixels tell the true kernel from others? A score without ground truth.

    python nbs/research/held_out/held_out.py [--case astronaut,hollow ...]     writes scores.csv

A tenth of the LR pixels is hidden from the image step, which solves argmin |M(Ax - y)|^2 + rho |x - x_pd|^2 under a
held kernel while the prior descends; the score is the error of Ax on the hidden pixels. Cross-validation chooses blurs
in classical restoration (Reeves & Mersereau 1992); unlike the loss of a descent it cannot be lowered by fitting.
About two minutes a case on one core.
"""
import argparse
import math
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import reduced, trained, written

from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.consistency import conjugate_gradients, degrade, degrade_adjoint
from kernelfusion_nb.kernel_inr import start_kernel
from kernelfusion_nb.patch_model import predict_x0

LEVELS = reduced((300, 250, 200, 150, 120, 100, 80, 60, 40, 20), (200, 50))
CASES = reduced(("astronaut,hollow", "kodim08,k_0", "rocket,shake"), ("astronaut,l",))


def solve_masked(y, kernel, scale, x, mask, rho, steps=20):
    "argmin |mask (Ax - y)|^2 + rho |x - x_pd|^2 by conjugate gradients on the dual; mask (1, 1, h, w) of 0 and 1."
    def apply(u):
        return mask * degrade(degrade_adjoint(u, kernel, scale), kernel, scale) + rho * u
    dual = conjugate_gradients(apply, mask * (y - degrade(x, kernel, scale)), steps)
    return x + degrade_adjoint(dual, kernel, scale)


@torch.no_grad()
def score(run, kernel, rho, masks=2, hidden=0.1):
    "{t: log10 of the mean squared error on hidden pixels}, over `masks` draws."
    found = {t: 0.0 for t in LEVELS}
    for draw in range(masks):
        g = torch.Generator().manual_seed(draw)
        mask = (torch.rand(1, 1, *run.y.shape[-2:], generator=g) > hidden).float()
        x = run.bicubic
        for t in LEVELS:
            x_t = run.schedule.noisify(x, t, torch.randn(x.shape, generator=g))
            x_pd = predict_x0(run.models.prior, run.schedule, x_t, t)
            x = solve_masked(run.y, kernel, run.scale, x_pd, mask, rho)
            error = ((1 - mask) * (degrade(x, kernel, run.scale) - run.y)).square().sum()
            found[t] += float(error / (1 - mask).sum() / run.y.shape[1]) / masks
    return {t: math.log10(value) for t, value in found.items()}


def candidates(true, scale):
    "{label: kernel}: the truth, and what resembles it."
    blurred = torch.nn.functional.avg_pool2d(true[None, None], 3, 1, 1)[0, 0]
    return {"true": true, "half turn": true.flip(0, 1), "cross": (true + true.flip(0, 1)) / 2,
            "blurred": blurred / blurred.sum(), "narrow": start_kernel(len(true), scale)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="*", default=CASES)
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--side", type=int, default=reduced(96, 40))
    args = parser.parse_args()
    rows = []
    for name in args.case:
        run, _, kernel = trained(name, args.scale, args.side)
        for label, k in candidates(torch.as_tensor(kernel).float(), args.scale).items():
            for rho in (1e-2, 1e-1):
                found = score(run, k, rho)
                mean, alike = sum(found.values()) / len(found), similarity(k.numpy(), kernel)
                row = dict(case=name, scale=args.scale, lr=args.side, candidate=label, similarity=f"{alike:.3f}")
                by_level = {f"t {t}": f"{value:.3f}" for t, value in found.items()}
                rows.append(row | dict(rho=rho, mean=f"{mean:.4f}") | by_level)
                written(rows, __file__, "scores.csv")


if __name__ == "__main__":
    main()
