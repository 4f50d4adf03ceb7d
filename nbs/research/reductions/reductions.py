"""Photographs that nobody blurred: reduced by the handbook, as they are, with noise, and as JPEGs.

    python nbs/research/reductions/reductions.py                 writes reductions.csv: clean ones at LR 64
    ... --case chelsea,bicubic,96 coffee,box,48,noise            others: photograph, reduction, side, defect
    ... --case all,64 all,64,noise all,64,jpeg                   all 25 of a side and defect

The five bundled photographs at x2, the crop that `best_crop` takes. bicubic, box, lanczos: Pillow's. nearest: Pillow's,
the lower right one of four pixels; delta: the upper left one. noise: 3 grey levels; jpeg: quality 75 (Pillow's). gain:
PSNR over bicubic (index 6). Of nearest and delta the sample lies half an HR pixel off the middle of its LR pixel, which
nothing in the LR image says: `registered` is the gain against the truth moved there (cubic). shift: how far the HR
image lies from bicubic, HR px down and right, from the phases of their spectra below .2 cycles per px (weighted least
squares). 40 to 90 seconds a case on one thread.
"""
import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import SMALL, TINY, reduced, written

from kernelfusion_nb import solve
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.app.samples import SAMPLES, _through_jpeg, hr_photo, sample
from kernelfusion_nb.consistency import resize_bicubic

KINDS = "bicubic", "box", "lanczos", "nearest", "delta"
BUDGET = reduced({}, SMALL | dict(kernel_searches=1, kernel_descents=1, kernel_visits=2, image_visits=2))


def lr_image(hr, kind, scale=2):
    "The HR array (H, W[, C]), uint8, reduced by `kind`."
    if kind == "delta":
        return np.ascontiguousarray(hr[::scale, ::scale])
    size = hr.shape[1] // scale, hr.shape[0] // scale
    return np.asarray(Image.fromarray(hr).resize(size, getattr(Image, kind.upper())))


def defective(lr, defect):
    "The LR array with `defect`: '', 'noise' or 'jpeg'."
    if defect == "jpeg":
        return _through_jpeg(lr, 75)
    if defect == "noise":
        lr = np.rint(lr + np.random.default_rng(0).normal(0, 3, lr.shape)).clip(0, 255).astype(np.uint8)
    return lr


def moved(hr, kind):
    "The HR tensor where the samples of `kind` lie, half a pixel down and right or up and left; as it is for others."
    if kind not in ("nearest", "delta"):
        return hr
    weights = torch.tensor([-1.0, 9, 9, -1]) / 16
    pad = (1, 2, 1, 2) if kind == "nearest" else (2, 1, 2, 1)
    c = torch.nn.functional.pad(hr, pad, mode="replicate").transpose(0, 1)
    return torch.nn.functional.conv2d(c, torch.outer(weights, weights)[None, None]).transpose(0, 1)


def shift(a, b):
    "(down, right) in px by which image `a` (1, C, H, W) lies from `b`."
    a, b = (c.mean(1)[0].double() for c in (a, b))
    window = torch.outer(*(torch.hann_window(side, dtype=torch.float64) for side in a.shape))
    cross = torch.fft.fft2((a - a.mean()) * window) * torch.fft.fft2((b - b.mean()) * window).conj()
    waves = [axis.expand(a.shape) for axis in (torch.fft.fftfreq(a.shape[0])[:, None], torch.fft.fftfreq(a.shape[1])[None])]
    radius = torch.hypot(*waves)
    keep = (radius > 0) & (radius < 0.2)
    weight = cross[keep].abs().sqrt()[:, None]
    phases = -2 * np.pi * torch.stack([wave[keep] for wave in waves], 1).double()
    return torch.linalg.lstsq(phases * weight, cross[keep].angle()[:, None] * weight).solution.flatten().tolist()


def row(name, kind, side, defect=""):
    "Figures of one case."
    photo, _ = hr_photo(sample(name), 2, 2 * int(side))
    lr, began = defective(lr_image(photo.array(), kind), defect), time.perf_counter()
    result = solve(lr, 2, preset="cpu", progress=False, **BUDGET)
    bicubic = resize_bicubic(load(lr).tensor, photo.size)
    gain = lambda truth: psnr(result.tensor, truth, 2) - psnr(bicubic, truth, 2)
    down, right = shift(result.tensor, bicubic)
    return dict(photograph=name, reduction=kind, side=side, defect=defect, gain=round(gain(photo.tensor), 2),
                registered=round(gain(moved(photo.tensor.float(), kind)), 2), down=round(down, 3), right=round(right, 3),
                bicubic=round(psnr(bicubic, photo.tensor, 2), 2), confidence=round(result.confidence or 0, 2),
                trust=round(result.trust, 2), warnings=len(result.warnings),
                seconds=round(time.perf_counter() - began))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="*", default=reduced(["all,64"], ["astronaut,box,32"]))
    parser.add_argument("--name", default="reductions.csv")
    args, rows = parser.parse_args(), []
    for case in args.case:
        first, *rest = case.split(",")
        names = [(name, kind, *rest) for name in SAMPLES for kind in KINDS] if first == "all" else [(first, *rest)]
        for name in names:
            rows.append(row(*name))
            written(rows, __file__, args.name)


if __name__ == "__main__":
    main()
