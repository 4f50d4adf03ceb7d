"""Pools of candidate kernels with their features: what could a judge between them go by?

    python nbs/research/judge/pools.py [--case kodim05,k_0 ...]     writes pools.csv

Of each of the 36 cases of the suite dev2 (x2, LR 96): 24 starts fitted to the spectrum, with their half turns, and the
truth, restored as in the scoring; one row a candidate. About 40 s a case on one core.
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import record, reduced, searched, trained

from kernelfusion_nb.app.images import load, luminance
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.steps import restorations

CASES = [f"{image},k_{number}" for number in range(12) for image in ("kodim05", "kodim08", "kodim24")]
LEVELS = 200, 100, 50  # as the scoring has them


def sparsity(image):
    "Logarithms of normalised sparsity and total variation of first and second differences of the luminance."
    c = luminance(image)[0, 0, 8:-8, 8:-8]
    g = (c.diff(dim=1)[:-1] ** 2 + c.diff(dim=0)[:, :-1] ** 2).sqrt()
    second = (c[2:, 1:-1] + c[:-2, 1:-1] + c[1:-1, 2:] + c[1:-1, :-2] - 4 * c[1:-1, 1:-1]).abs()
    normalised = lambda v: float((v.mean() / v.square().mean().sqrt()).log())
    spread = float(((g / g.square().mean().sqrt()) ** 2 + 1e-3).log().mean())
    return dict(l1l2=normalised(g), tv=float(g.mean().log()), lap=float(second.mean().log()),
                lapl1l2=normalised(second), mlog=spread)


@torch.no_grad()
def features(run, kernel):
    "Terms of the score, sparsity of the restored image and shape of `kernel`: a dict."
    steps = restorations(run, kernel, LEVELS)
    err, lr = ([float(step[i].log()) for step in steps] for i in (0, 1))
    mean = lambda values: sum(values) / len(values)
    inside = kernel.clamp_min(1e-9)
    image = run.having(x=steps[-1][2]).image()
    scores = dict(err=mean(err), err50=err[-1], err200=err[0], lr=mean(lr), lr50=lr[-1],
                  spec=float(run.models.spectrum.loss(kernel)))
    shape = dict(kl2=float(kernel.square().sum().log()), ent=float(-(inside * inside.log()).sum()))
    return scores | sparsity(image) | shape


def case_rows(name):
    "A row for each candidate of the case, the truth last."
    run, hr, true = trained(name, side=reduced(96, 40))
    hr, base = load(hr).tensor, run.image()
    searched(run)
    image, kernel = name.split(",")
    candidates = [*run.models.candidates, torch.as_tensor(true).float()]
    for number, k in enumerate(candidates):
        found = features(run, k)
        gain = psnr(run.image(), hr, 2) - psnr(base, hr, 2)
        row = dict(case=f"{image}-{kernel}", image=image, kernel=kernel, candidate=number,
                   truth=int(number == len(candidates) - 1), sim=similarity(k, true), gain=gain) | found
        yield {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()}


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)
