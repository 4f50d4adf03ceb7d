"""Blurred photographs with noise of 5 and 10 grey levels, and as JPEGs of quality 50: how much of the gain is left?

    python nbs/research/noise/defects.py        writes defects.csv

Four photographs under four kernels, LR 64, x2. gain_true: over bicubic (PSNR, index 6) under the true kernel; gain: with
the kernel that was found; full and full_true: of the image as it was solved, before it was drawn towards bicubic.
"""
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import SMALL, case, reduced, written

from kernelfusion_nb import solve
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.app.samples import _through_jpeg
from kernelfusion_nb.consistency import resize_bicubic

CASES = reduced([("astronaut", "hollow"), ("coffee", "l"), ("rocket", "shake"), ("camera", "gaussian")], [("coffee", "l")])
DEFECTS = reduced(["jpeg 50", "noise 5", "noise 10"], ["jpeg 50"])
BUDGET = reduced({}, SMALL | dict(image_visits=2))


def defective(lr, defect):
    "The uint8 array `lr` with `defect`: 'noise SIGMA' or 'jpeg QUALITY'."
    kind, amount = defect.split()
    if kind == "jpeg":
        return _through_jpeg(lr, int(amount))
    return np.rint(lr + np.random.default_rng(0).normal(0, int(amount), lr.shape)).clip(0, 255).astype(np.uint8)


def row(name, kernel_name, defect):
    "Figures of one case."
    lr, hr, kernel = case(name, kernel_name, 2, reduced(64, 48))
    lr, truth = defective(lr, defect), load(hr).tensor
    bicubic, found = resize_bicubic(load(lr).tensor, truth.shape[-2:]), dict(photograph=name, kernel=kernel_name, defect=defect)
    gain = lambda image: round(psnr(image, truth, 2) - psnr(bicubic, truth, 2), 2)
    for what, given in (("_true", dict(kernel=kernel)), ("", {})):
        began = time.perf_counter()
        small = {name: value for name, value in BUDGET.items() if not (given and name.startswith("kernel_"))}
        result = solve(lr, 2, preset="cpu", progress=False, **small, **given)
        whole = bicubic + (result.tensor - bicubic) / max(result.trust, 1e-3)
        found |= {f"gain{what}": gain(result.tensor), f"full{what}": gain(whole), f"trust{what}": round(result.trust, 2)}
    return found | dict(similarity=round(float(similarity(result.kernel, kernel)), 2), confidence=round(result.confidence or 0, 2),
                        reductions=round(result.settled[0], 2) if result.settled else "", seconds=round(time.perf_counter() - began))


if __name__ == "__main__":
    rows = []
    for defect in DEFECTS:
        for names in CASES:
            rows.append(row(*names, defect))
            written(rows, __file__, "defects.csv")
