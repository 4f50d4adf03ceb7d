"""How near to the prior's proposal should the image stay under a kernel that was found?

    python nbs/research/descents/image_rho.py [--case kodim05,k_0 ...]     writes image_rho.csv

The exact image under the agreed kernel of descents.npz (all eight, judged by descents.csv) at four values of image_rho,
under the first descent's at .03 and under the true one at .01; 36 cases of dev2, gain over bicubic in dB. Half a minute
a case on one core.
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import ends, image_under, record, reduced, trained

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.steps import agreed_kernel

CASES = [f"{image},k_{number}" for number in range(12) for image in ("kodim05", "kodim08", "kodim24")]
RHO = 0.03, 0.01, 0.003, 0.001


def case_rows(name):
    "The row of a case."
    run, hr, true = trained(name, side=reduced(96, 40))
    image, which = name.split(",")
    hr, bicubic = load(hr).tensor, run.image()
    gain = lambda kernel, rho: psnr(image_under(run, kernel, rho=rho), hr, 2) - psnr(bicubic, hr, 2)
    if reduced(False, True):
        agreed = first = torch.as_tensor(true).float()
    else:
        kernels, judged = ends(image, which, count=8)
        agreed, first = agreed_kernel(kernels, judged), kernels[0]
    row = dict(similarity_first=similarity(first, true), similarity=similarity(agreed, true), first=gain(first, 0.03))
    row |= {f"rho_{rho}": gain(agreed, rho) for rho in RHO}
    row |= {"true_0.01": gain(torch.as_tensor(true).float(), 0.01)}
    yield dict(image=image, kernel=which) | {key: round(value, 3) for key, value in row.items()}


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)
