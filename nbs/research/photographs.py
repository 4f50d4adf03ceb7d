"""Photographs as they are: nothing is degraded, nothing is known. Writes photographs.csv and a picture of each: `python nbs/research/photographs.py`.

From scikit-image's data folder (sources and licences there): a clock blurred by a moving camera (CC0), printed text photographed (public domain), a cup of coffee as a camera's software left it (CC0).
Of each the 128x128 px that `best_crop` takes, at x2, preset cpu, seed 0. Two figures need no truth: the LR loss, and the sharpness (mean gradient of the luminance) over that of the bicubic image.
"""
import argparse
from pathlib import Path

import numpy as np
import skimage
import torch

from kernelfusion_nb import solve
from kernelfusion_nb.consistency import lr_loss
from kernelfusion_nb.app.images import luminance, resize_bicubic, save_image
from kernelfusion_nb.app.result import kernel_image, panels
from kernelfusion_nb.app.samples import hr_photo
from kernelfusion_nb.bench.tables import write_csv

PHOTOGRAPHS = ("clock_motion", "text", "coffee")
HERE = Path(__file__).parent


def sharpness(x):
    y = 127.5 * luminance(x)
    return float(y.diff(dim=-1).abs().mean() + y.diff(dim=-2).abs().mean()) / 2


def spread(kernel):
    "Standard deviations in HR px along the kernel's longest and shortest axis."
    at = np.indices(kernel.shape).reshape(2, -1) - (len(kernel) - 1) / 2
    return np.sqrt(np.linalg.eigvalsh((at * kernel.ravel()) @ at.T)[::-1])


def one(name, scale, side, out):
    photo, (top, left) = hr_photo(Path(skimage.__file__).parent / "data" / f"{name}.png", 1, side)
    result = solve(photo.array(), scale, preset="cpu", device="cpu", seed=0, progress=False)
    lr, hr = photo.tensor.float(), result.tensor
    bicubic = resize_bicubic(lr, hr.shape[-2:])
    error = lambda x: float(lr_loss(x, torch.as_tensor(result.kernel), lr, scale)) ** .5 * 127.5
    long, short = spread(result.kernel)
    picture = panels({f"{name}, LR": photo.image(), "bicubic": photo.image(bicubic), "result": result.hr, "kernel": kernel_image(result.kernel)}, 2 * side)
    save_image(np.asarray(picture), out / f"photographs-{name}.png")
    return dict(photograph=name, top=top, left=left, scale=scale, lr=side, kernel_long=round(float(long), 2), kernel_short=round(float(short), 2), lr_error_bicubic=round(error(bicubic), 2),
                lr_error=round(error(hr), 2), sharpness=round(sharpness(hr) / sharpness(bicubic), 3), seconds=round(result.seconds["total"], 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", nargs="*", default=PHOTOGRAPHS)
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--side", type=int, default=128, help="px")
    parser.add_argument("--out", type=Path, default=HERE)
    args = parser.parse_args()
    rows = []
    for name in args.names:
        rows.append(one(name, args.scale, args.side, args.out))
        print(*rows[-1].values(), flush=True)
        write_csv(rows, args.out / "photographs.csv")


if __name__ == "__main__":
    main()
