"""Which factor of the variance that is read loses least: from rho.csv, by interpolation between its rho.

    python nbs/research/noise/factor.py     writes factor.csv

For noise and for JPEG: mean loss (dB) against the best of the six rho, with rho = max(.001, factor sigma^2), sigma the
root of the channels' mean variance by `degradation`, on the scale of the run.
"""
import csv
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import case, place, written
from rho import RHO, STAGES

from kernelfusion_nb.app.images import load
from kernelfusion_nb.noise import degradation

FACTORS = 2, 3, 4, 6, 8, 12, 16


def read(row):
    "(sigma read, in grey levels; its square on the scale of the run) of a row of rho.csv."
    lr = load(case(*row["case"].split(","), side=64, **STAGES[row["stage"]])[0]).tensor
    sigma = np.sqrt(np.mean(np.square(degradation(lr).sigma)))
    return sigma, (sigma / 127.5 * 0.65 / float(lr.std())) ** 2


def losses(row, variance):
    "Loss at each factor."
    gains = [float(row[f"rho_{rho}"]) for rho in RHO]
    at = np.log(np.clip([factor * variance for factor in FACTORS], *RHO[::len(RHO) - 1]))
    return max(gains) - np.interp(at, np.log(RHO), gains)


if __name__ == "__main__":
    with open(place(__file__, "rho.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    out = []
    for row in rows:
        sigma, variance = read(row)
        lost = dict(zip((f"x{factor}" for factor in FACTORS), np.round(losses(row, variance), 3)))
        out.append(dict(case=row["case"], stage=row["stage"], true=row["true"], read=round(float(sigma), 2)) | lost)
        written(out, __file__)
    for kind in ("noise", "jpeg"):
        print(kind, {f"x{f}": round(float(np.mean([r[f"x{f}"] for r in out if r["stage"].startswith(kind)])), 3) for f in FACTORS})
