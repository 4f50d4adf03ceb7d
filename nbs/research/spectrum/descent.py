"""Which loss stays at the true kernel, and which improves what the search found? Each term with and without.

    python nbs/research/spectrum/descent.py [--case kodim05,k_9 ...]     writes descent.csv

The descent of preset cpu (30 updates of the SIREN, t = 200 to 80; x2, LR 96) begins at the true kernel, then at the
best of the search, with the LR loss alone, with the prior's own error, with the spectrum, and with both; beside them
the exact kernel of the alternating solver, fitted at the same levels to what the prior makes of the image. Two minutes
a case on one core.
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import descent, noise, record, reduced, searched, trained

from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.bench.methods import ALTERNATING, _smooth_kernel, chain_equations
from kernelfusion_nb.consistency import solve_image
from kernelfusion_nb.patch_model import predict_x0
from kernelfusion_nb.schedule import noise_levels

LOSSES = {  # gamma (the prior's own error), beta (the spectrum)
    "LR loss": (0.0, 0.0), "LR loss, prior's error": (1.0, 0.0), "LR loss, spectrum": (0.0, 4.0),
    "all three": (1.0, 4.0),
}


def levels(run):
    k = run.settings.kernel
    return noise_levels(k.high, k.low, k.visits)


def drawn(x, index):
    "The same noise for all ways."
    return noise(x, 1000 + index)


@torch.no_grad()
def exact_updates(run, begin):
    "Kernels (n, n) fitted exactly, in turn with the image, from the image under `begin`."
    how = {name: ALTERNATING[name] for name in ("ridge", "smooth", "threshold")}
    x = solve_image(run.y, begin, run.scale, run.bicubic, rho=run.settings.kernel.rho)
    for index, t in enumerate(levels(run)):
        x_pd = predict_x0(run.models.prior, run.schedule, run.schedule.noisify(x, t, drawn(x, index)), t)
        kernel = _smooth_kernel(*chain_equations(x_pd, run.y, run.n, run.scale), **how)
        x = solve_image(run.y, kernel, run.scale, x_pd, rho=run.settings.kernel.rho)
        yield t, kernel


def case_rows(name):
    "A row for each start, way and update (0: the start itself): level, similarity of the kernel to the truth."
    run, _, kernel = trained(name, side=reduced(96, 40))
    for start, begin in (("truth", torch.as_tensor(kernel).float()), ("search", searched(run))):
        ways = {"exact kernel": exact_updates(run, begin)}
        for title, (natural, spectral) in LOSSES.items():
            ways[title] = descent(run, begin, drawn, natural=natural, spectral=spectral)
        for title, kernels in ways.items():
            for update, (t, found) in enumerate([("", begin), *kernels]):
                alike = round(similarity(found.numpy(), kernel), 4)
                yield dict(case=name, start=start, way=title, update=update, t=t, similarity=alike)


if __name__ == "__main__":
    usual = "kodim05,k_0", "kodim05,k_9", "kodim08,k_4", "kodim08,k_10", "kodim24,k_5", "kodim24,k_8"
    record(case_rows, usual, __file__, __doc__)
