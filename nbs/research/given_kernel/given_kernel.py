"""With the true kernel given: how many noise levels should the image visit, how spaced, with which weight of the prior?

    python nbs/research/given_kernel/given_kernel.py [--case kodim05,k_0 ...]     writes given_kernel.csv

Six cases of the dev suite (x2, LR 96), one prior each, of preset cpu; every row solves the image alone, by three
chains. About 45 s a case on one core, two thirds of it the prior.
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, SMALL, case, record, reduced

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.metrics import evaluate
from kernelfusion_nb.schedule import noise_levels
from kernelfusion_nb.solver import make_settings, reverse, start, train_prior

CASES = "kodim05,k_0", "kodim05,k_5", "kodim05,k_10", "kodim24,k_2", "kodim24,k_6", "kodim24,k_9"
ROWS = {  # name: levels, spacing, rho
    "four at 400, then 24 equal steps (before)": ([400] * 4 + noise_levels(400, 5, 24, "even"), "even", 1e-3),
    "28 equal ratios": (noise_levels(400, 5, 28), "ratio", 1e-3),
    "28 equal ratios, rho .01": (noise_levels(400, 5, 28), "ratio", 1e-2),
    "10 equal ratios": (noise_levels(300, 5, 10), "ratio", 1e-3),
    "10 equal ratios, rho .03": (noise_levels(300, 5, 10), "ratio", 3e-2),
}


def prepared(lr, kernel, rho, training=None):
    "A `Run` for the LR array with the kernel given; `training`: that of another run on the same photograph."
    settings = make_settings("cpu", CPU, reduced({}, SMALL) | dict(image_rho=rho), given=True)
    run = start(load(lr).tensor, 2, len(kernel), settings, kernel=torch.as_tensor(kernel).float())
    return run if training is None else run.having(training=training)


def case_rows(name):
    "A row for each plan: gain over bicubic (dB) and seconds of phase 2."
    lr, hr, kernel = case(*name.split(","), side=reduced(96, 40))
    training = prepared(lr, kernel, 1e-3)
    for _ in train_prior(training):
        pass
    for title, (levels, spacing, rho) in ROWS.items():
        run = prepared(lr, kernel, rho, training.training)
        run.plan = [("image", t, index) for index, t in enumerate(levels)]
        for _ in reverse(run):
            pass
        gain = evaluate(load(lr).array(run.image()), hr, lr, 2)["gain"]
        yield dict(case=name, plan=title, visits=len(levels), high=levels[0], spacing=spacing, rho=rho,
                   gain=round(gain, 3), seconds=round(run.seconds["reverse"], 1))


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)
