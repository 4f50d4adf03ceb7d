"""How does PSNR go from level to level, in the published loop, the alternating solver and ours?

    python nbs/research/published_parts/published_parts.py     writes published_parts.csv

LR 64x64 (the middle of the astronaut sample), x2, hollow square, one prior of preset cpu for all: PSNR, LR loss and the
kernel's similarity after every step of phase 2. Two minutes on one core.
"""
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import SMALL, reduced, written

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.metrics import evaluate
from kernelfusion_nb.app.samples import degrade_photo, sample
from kernelfusion_nb.bench.methods import run_method

ROWS = {  # method, its settings
    "published": ("full", dict(image_high=200, image_visits=20, unet_iterations=6, unet_first_iterations=40)),
    "alternating": ("exact", {}),
    "ours": ("ours", {}),
}
TINY_ROWS = {
    "published": ("full", dict(image_visits=2, unet_iterations=1, unet_first_iterations=1, unet_widths=(4, 8))),
    "alternating": ("exact", dict(visits=2)),
    "ours": ("ours", dict(kernel_searches=1, kernel_visits=2, image_visits=2)),
}


def run(title, method, settings, photo, hr, kernel, cache):
    "A row per step of phase 2: seconds since it began, LR loss, PSNR, gain over bicubic, similarity."
    rows, spent, began = [], 0.0, time.perf_counter()

    def callback(step):
        nonlocal spent, began
        if step["phase"] != "prior":
            spent += time.perf_counter() - began
            m = evaluate(photo.array(step["hr"].cpu()), hr, photo.array(), 2, step["kernel"].cpu().numpy(), kernel)
            rows.append(dict(method=title, phase=step["phase"], step=step["step"], t=step["t"], seconds=round(spent, 2),
                             loss=f"{step['loss']:.3g}", psnr=round(m["psnr"], 3), gain=round(m["gain"], 3),
                             similarity=round(m["similarity"], 3)))
        began = time.perf_counter()
    run_method(method, photo, 2, preset="cpu", device="cpu", callback=callback, prior_cache=cache, **settings)
    return rows


def main():
    kernel, side = make("hollow", 2), reduced(128, 80)
    middle = load(load(sample("astronaut")).array()[64:64 + side, 64:64 + side])
    lr, hr = degrade_photo(middle, kernel, 2)
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        for title, (method, settings) in reduced(ROWS, TINY_ROWS).items():
            rows += run(title, method, reduced({}, SMALL) | settings, load(lr), hr, kernel, cache)
            written(rows, __file__)


if __name__ == "__main__":
    main()
