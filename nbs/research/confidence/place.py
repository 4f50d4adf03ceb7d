"""Where does a kernel lie whose tails were pruned, and does anything in the photograph tell?

    python nbs/research/confidence/place.py [--case kodim05,k_0 ...]     writes place.csv

The agreed kernel of the first six descents of descents.csv, 36 cases of dev2 (x2, LR 96): by how many HR px it has to
move to match the true one (rows, columns), and to match what might tell, each of which is centred by its own mass: the
agreed kernel fitted again to the spectrum with three prunings, and a further descent from it with two. Gains over
bicubic in dB of the exact image at rho .01 under the agreed kernel, under the same moved to the truth's place (placed),
and moved by the descent that prunes by .03 (moved). Three quarters of a minute a case on one core.
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import TINY, descent, ends, image_under, record, reduced, trained

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.kernel_inr import shift_matrix
from kernelfusion_nb.spectrum import fit_spectrum
from kernelfusion_nb.steps import agreed_kernel

CASES = [f"{image},k_{number}" for number in range(12) for image in ("kodim05", "kodim08", "kodim24")]


def moved(kernel, rows, columns):
    "`kernel` (n, n) moved by so many pixels, linearly interpolated."
    down, right = (shift_matrix(len(kernel), distance).to(kernel) for distance in (rows, columns))
    return down @ kernel @ right.T


def move_to(kernel, target):
    "(rows, columns) in px by which `kernel` has to move for the largest cosine with `target`, both (n, n)."
    best, around, step = (0.0, 0.0), 3.0, 0.5
    while step > 0.01:
        steps = torch.arange(-around, around + step / 2, step).tolist()
        tried = [(best[0] + rows, best[1] + columns) for rows in steps for columns in steps]
        cosine = lambda at: float((moved(kernel, *at) * target).sum() / moved(kernel, *at).norm().clamp_min(1e-9))
        best, around, step = max(tried, key=cosine), step, step / 5
    return best


def case_rows(name):
    "The row of a case."
    run, hr, true = trained(name, side=reduced(96, 40))
    yield from rows_of(name, run, load(hr).tensor, torch.as_tensor(true).float())


def rows_of(name, run, hr, true):
    "The row of the case `name`; `run` has a trained prior, hr (1, C, H, W), true (n, n)."
    image, which = name.split(",")
    agreed = true if TINY else agreed_kernel(*ends(image, which))
    told = {f"spectrum_{p}": fit_spectrum(run.models.spectrum, agreed[None], prune=p)[0] for p in (0.0, 0.03, 0.1)}
    for prune in (0.1, 0.03):
        *_, (_, told[f"descent_{prune}"]) = descent(run, agreed, prune=prune)
    at = {"true": move_to(agreed, true)} | {key: move_to(agreed, kernel) for key, kernel in told.items()}
    bicubic = run.having(x=run.bicubic).image()
    gain = lambda kernel: round(psnr(image_under(run, kernel, rho=0.01), hr, 2) - psnr(bicubic, hr, 2), 3)
    row = dict(image=image, kernel=which, similarity=round(similarity(agreed, true), 4), gain=gain(agreed),
               placed=gain(moved(agreed, *at["true"])), moved=gain(moved(agreed, *at["descent_0.03"])))
    for key, (rows, columns) in at.items():
        row |= {f"{key}_rows": round(rows, 3), f"{key}_columns": round(columns, 3)}
    yield row


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)
