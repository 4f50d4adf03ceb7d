"""What does the solver make of photographs as they are? Nothing is degraded, nothing is known.

    python nbs/research/photographs/photographs.py     writes photographs.csv and a picture of each (needs scikit-image)

From scikit-image's data folder (sources and licences there): a clock blurred by a moving camera (CC0), handwriting
photographed (public domain), a cup of coffee as a camera's software left it (CC0). Of each the 128x128 px that
`best_crop` takes, at x2, preset cpu, seed 0. Two figures need no truth: the LR loss, and the sharpness (mean gradient
of the luminance) over that of the bicubic image. About a minute each on two cores.
"""
import argparse
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import SMALL, TINY, reduced, written

from kernelfusion_nb import solve
from kernelfusion_nb.app.images import luminance, save_image
from kernelfusion_nb.app.kernels import kernel_image
from kernelfusion_nb.app.result import panels
from kernelfusion_nb.app.samples import hr_photo
from kernelfusion_nb.consistency import lr_loss, resize_bicubic

BUDGET = reduced({}, SMALL | dict(kernel_searches=1, kernel_visits=2, image_visits=2))


def sharpness(x):
    "Mean absolute gradient of the luminance of `x` (1, C, H, W), grey levels."
    y = 127.5 * luminance(x)
    return float(y.diff(dim=-1).abs().mean() + y.diff(dim=-2).abs().mean()) / 2


def spread(kernel):
    "Standard deviations in HR px along the kernel's longest and shortest axis."
    at = np.indices(kernel.shape).reshape(2, -1) - (len(kernel) - 1) / 2
    return np.sqrt(np.linalg.eigvalsh((at * kernel.ravel()) @ at.T)[::-1])


def row_of(name, scale, side):
    "The row of one photograph; its picture goes beside this script."
    import skimage
    photo, (top, left) = hr_photo(Path(skimage.__file__).parent / "data" / f"{name}.png", 1, side)
    result = solve(photo.array(), scale, preset="cpu", device="cpu", progress=False, **BUDGET)
    lr, hr, kernel = photo.tensor.float(), result.tensor, torch.as_tensor(result.kernel)
    bicubic = resize_bicubic(lr, hr.shape[-2:])
    error = lambda x: round(float(lr_loss(x, kernel, lr, scale)) ** .5 * 127.5, 2)
    if not TINY:
        pictures = {f"{name}, LR": photo.image(), "bicubic": photo.image(bicubic), "result": result.hr}
        sheet = panels(pictures | {"kernel": kernel_image(result.kernel)}, 2 * side)
        save_image(np.asarray(sheet), Path(__file__).parent / f"{name}.png")
    long, short = spread(result.kernel)
    return dict(photograph=name, top=top, left=left, scale=scale, lr=side, kernel_long=round(float(long), 2),
                kernel_short=round(float(short), 2), lr_error_bicubic=error(bicubic), lr_error=error(hr),
                sharpness=round(sharpness(hr) / sharpness(bicubic), 3), seconds=round(result.seconds["total"], 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", nargs="*", default=reduced(("clock_motion", "text", "coffee"), ("coffee",)))
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--side", type=int, default=reduced(128, 40), help="px")
    args = parser.parse_args()
    rows = []
    for name in args.names:
        rows.append(row_of(name, args.scale, args.side))
        written(rows, __file__)


if __name__ == "__main__":
    main()
