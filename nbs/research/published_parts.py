"""Published parts (U-Net + SIREN, dual application) beside the exact parts on the smallest case: `python nbs/research/published_parts.py` writes published_parts.csv.

LR 64x64 (the middle of the astronaut sample), x2, hollow square, one prior of 500 updates for all, PSNR at every visit. The published rows get the same levels'
worth of time or more; their updates are counted by time, not by visits.
"""
import time
from pathlib import Path

import numpy as np
import torch

from kernelfusion_nb import solve
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.metrics import evaluate
from kernelfusion_nb.app.samples import degrade_photo, sample
from kernelfusion_nb.bench.tables import write_csv

PARTS = {
    "exact": dict(kernel_model="exact"),
    "exact, three times the visits": dict(kernel_model="exact", hold=12, visits=102),
    "published": dict(image_model="unet", kernel_model="siren", t_start=200, hold=0, visits=20, iterations=6, first_iterations=40),
    "published, kernel by normal equations": dict(image_model="unet", kernel_model="siren", kernel_step="normal", hold=10, visits=20, iterations=4, first_iterations=20),
}


def run(name, settings, photo, hr, kernel):
    "A row per visit: seconds since the prior was trained, loss, PSNR, gain over bicubic, similarity."
    rows, began = [], [0.]
    def callback(step):
        if step["phase"] == "prior":
            began[0] = time.perf_counter()
            return
        m = evaluate(photo.array(step["hr"].cpu()), hr, photo.array(), 2, step["kernel"].cpu().numpy(), kernel)
        rows.append(dict(parts=name, visit=step["step"], t=step["t"], seconds=round(time.perf_counter() - began[0], 2), loss=f"{step['loss']:.3g}",
                         psnr=round(m["psnr"], 3), gain=round(m["gain"], 3), similarity=round(m["similarity"], 3)))
    solve(photo, 2, preset="cpu", device="cpu", progress=False, callback=callback, prior_steps=500, **settings)
    return rows


if __name__ == "__main__":
    torch.set_num_threads(2)
    kernel = make("hollow", 2)
    lr, hr = degrade_photo(load(np.asarray(load(sample("astronaut")).image())[64:192, 64:192]), kernel, 2)
    rows = []
    for name, settings in PARTS.items():
        new = run(name, settings, load(lr), hr, kernel)
        rows += new
        print(f"{name:40s} {new[-1]['seconds']:6.1f} s  end {new[-1]['gain']:+.2f} dB / {new[-1]['similarity']:.2f}   best {max(r['gain'] for r in new):+.2f} dB", flush=True)
    write_csv(rows, Path(__file__).with_suffix(".csv"))
