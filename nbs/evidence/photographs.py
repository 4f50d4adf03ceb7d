"""What does `solve` make of twelve kinds of photographs that people bring, and of one more?

    python nbs/evidence/photographs.py [--names sharp scan]     writes photographs.csv and a picture of each

Eight are what they are: nothing was degraded, no truth is known. Five were made here, so that a truth is. All pixels
are of scikit-image's data folder (needed; licences in `PICTURES`) or drawn. 96x96 LR px of each, by `best_crop` but for
the portrait, x2, preset cpu, seed 0; about a minute each on one core. Rows of other names stay in the CSV.
"""
import argparse
import csv
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "research"))
from cases import SMALL, place, reduced

from kernelfusion_nb import solve
from kernelfusion_nb.app.figures import panels
from kernelfusion_nb.app.images import atomic_write, load, luminance
from kernelfusion_nb.app.kernels import kernel_image, make
from kernelfusion_nb.app.metrics import evaluate
from kernelfusion_nb.app.samples import degrade_photo, hr_photo
from kernelfusion_nb.bench.tables import write_csv
from kernelfusion_nb.consistency import degrade, lr_loss, resize_bicubic
from kernelfusion_nb.reductions import reduction

SCALE, SIDE = 2, reduced(96, 48)  # LR px
KNOWN = reduced({}, SMALL | dict(image_visits=2, image_chains=1))
BUDGET = reduced({}, KNOWN | dict(kernel_searches=1, kernel_descents=2, kernel_visits=1))


def folder():
    "scikit-image's data folder."
    import skimage
    return Path(skimage.__file__).parent / "data"


def whole(name, top=None, left=None):
    "(LR array, None, None, where) of a file as it is: the part that `best_crop` takes, or the one at (top, left)."
    if top is None:
        photo, (top, left) = hr_photo(folder() / name, 1, SIDE)
        return photo.array(), None, None, (top, left)
    return load(folder() / name).array()[top:top + SIDE, left:left + SIDE], None, None, (top, left)


def made(source, kernel, **stages):
    "(LR, HR array, kernel, where) of a file, or of a drawing (array), under a kernel; stages: of `degrade_photo`."
    if isinstance(source, str):
        photo, where = hr_photo(folder() / source, SCALE, SCALE * SIDE)
    else:
        photo, where = load(source[:SCALE * SIDE, :SCALE * SIDE]), (0, 0)
        photo = replace(photo, tensor=photo.tensor.double())
    return *degrade_photo(photo, kernel, SCALE, **stages), np.asarray(kernel), tuple(where)


def enlarged(name):
    "(LR, HR array, None, where) of a file reduced to a quarter, rounded, and enlarged to a half by bicubic."
    photo, where = hr_photo(folder() / name, SCALE, SCALE * SIDE)
    small = load(photo.array(degrade(photo.tensor, reduction("bicubic", 4), 4)))
    return photo.array(resize_bicubic(small.tensor.double(), (SIDE, SIDE))), photo.array(), None, tuple(where)


def print_of_a_page():
    "A printed page (192, 192), grey levels: dark grey on off-white paper that is a little darker on the left."
    sheet = Image.fromarray(np.broadcast_to(np.linspace(222, 240, 192), (192, 192)).astype(np.uint8))
    draw, small, large = ImageDraw.Draw(sheet), ImageFont.load_default(17), ImageFont.load_default(25)
    draw.text((10, 6), "The Kernel", fill=45, font=large)
    draw.line((10, 38, 182, 38), fill=70, width=2)
    lines = ("A scanner takes the", "mean of each square", "it sees: paper, ink", "and between them a",
             "seam of grey. What", "remains is noise; 5", "levels of it, here.")
    for row, line in enumerate(lines):
        draw.text((10, 44 + 21 * row), line, fill=50, font=small)
    return np.asarray(sheet)


def screen():
    "A window on a screen with two pixels to a point (192, 192, 3): text, edges one pixel wide, a chart, a pointer."
    sheet = Image.new("RGB", (192, 192), "#f5f6f8")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(20)
    draw.rectangle((0, 0, 191, 31), fill="#2d5f9a")
    draw.text((8, 3), "Report.ods", fill="white", font=font)
    for at, colour in ((138, "#f2c14e"), (160, "#d1495b")):
        draw.ellipse((at, 8, at + 15, 23), fill=colour)
    for column, word in enumerate(("File", "Edit", "View")):
        draw.text((8 + 58 * column, 35), word, fill="#222222", font=font)
    draw.line((0, 63, 191, 63), fill="#a0a4aa", width=1)
    for row, (month, value) in enumerate((("Jan", 40), ("Feb", 92), ("Mar", 64), ("Apr", 110))):
        draw.text((8, 68 + 25 * row), month, fill="#222222", font=font)
        draw.rectangle((60, 72 + 25 * row, 60 + value, 88 + 25 * row), fill="#4c9f70", outline="#1e5135")
    draw.rounded_rectangle((112, 168, 184, 190), 5, fill="#ffffff", outline="#2d5f9a", width=2)
    draw.text((132, 166), "OK", fill="#2d5f9a", font=font)
    draw.polygon(((84, 158), (84, 186), (91, 180), (97, 190), (101, 187), (96, 178), (104, 178)), fill="black",
                 outline="white")
    return np.asarray(sheet)


PICTURES = {  # name: (its LR pixels, what it is, source and licence)
    "sharp": (lambda: whole("camera.png"), "a tripod on grass, as it is", "camera, Lav Varshney, CC0"),
    "motion": (lambda: whole("clock_motion.png"), "a clock, the camera moved, as it is",
               "clock_motion, Stefan van der Walt, public domain"),
    "defocus": (lambda: made("coffee.png", make("disk", SCALE)), "a disk of radius 3 HR px, then halved",
                "coffee, Rachel Michetti, CC0"),
    "scan": (lambda: made(print_of_a_page(), make("box", SCALE), noise=5),
             "a printed page, mean of 2x2, noise of 5 levels", "drawn here"),
    "jpeg": (lambda: made("chelsea.png", make("gaussian", SCALE), jpeg=60),
             "a slanted Gaussian, halved, JPEG of quality 60", "chelsea, Stefan van der Walt, CC0"),
    "night": (lambda: whole("hubble_deep_field.jpg"), "the deep sky, a JPEG, as it is",
              "hubble_deep_field, NASA, public domain"),
    "text": (lambda: whole("text.png"), "handwriting, photographed, as it is", "text, Wikipedia, public domain"),
    "upscaled": (lambda: enlarged("rocket.jpg"), "a quarter of the size, then enlarged twofold",
                 "rocket, SpaceX, public domain"),
    "portrait": (lambda: whole("astronaut.png", 70, 180), "a face, as it is; part at row 70, column 180",
                 "astronaut, NASA, public domain"),
    "texture": (lambda: whole("grass.png"), "grass, as it is", "grass, linolafett, CC0"),
    "old": (lambda: whole("coins.png"), "Greek coins, from a museum's archive, as it is",
            "coins, Brooklyn Museum, no known copyright restrictions"),
    "screenshot": (lambda: made(screen(), reduction("lanczos", SCALE)), "a window, halved by Lanczos", "drawn here"),
    "grain": (lambda: whole("coffee.png"), "a cup on wood, sharpened by a camera's software, as it is",
              "coffee, Rachel Michetti, CC0"),
}


def sharpness(x):
    "Mean absolute gradient of the luminance of `x` (1, C, H, W), grey levels."
    y = 127.5 * luminance(x.double())
    return float(y.diff(dim=-1).abs().mean() + y.diff(dim=-2).abs().mean()) / 2


def rounded(value):
    "`value` to two decimals, None where it is."
    return None if value is None else round(float(value), 2)


def without_truth(result):
    "{column: figure} of what needs no truth; errors: of the image degraded again, grey levels RMS."
    lr, kernel = result.photo.tensor.float(), torch.as_tensor(result.kernel)
    bicubic, flaws = resize_bicubic(lr, result.tensor.shape[-2:]), result.flaws
    error = lambda x: round(float(lr_loss(x.float(), kernel, lr, SCALE)) ** .5 * 127.5, 2)
    usual, gaussian, free = (rounded(weight) for weight in result.settled or (None,) * 3)
    return dict(confidence=rounded(result.confidence), trust=rounded(result.trust), usual=usual,
                gaussian=gaussian, free=free, grid=len(result.kernel), noise=rounded(max(flaws["sigma"])),
                jpeg=flaws["jpeg"][0] if flaws["jpeg"] else None, clipped=round(flaws["clipped"], 3),
                lr_error_bicubic=error(bicubic), lr_error=error(result.tensor),
                sharpness=rounded(sharpness(result.tensor) / sharpness(bicubic)))


def with_truth(result, lr, hr, kernel, cache):
    "{column: figure} of what needs the truth, None without it; gain_known: with the true kernel given."
    if hr is None:
        return dict.fromkeys(("gain", "gain_known", "similarity"))
    figures = evaluate(result.array, hr, lr, SCALE, result.kernel, kernel)
    known = None
    if kernel is not None:
        given = solve(lr, SCALE, kernel=kernel, preset="cpu", device="cpu", progress=False, prior_cache=cache, **KNOWN)
        known = evaluate(given.array, hr, lr, SCALE)["gain"]
    return dict(gain=rounded(figures["gain"]), gain_known=rounded(known), similarity=rounded(figures.get("similarity")))


def pictured(name, result, hr, kernel):
    "The comparison of a picture beside the CSV: LR, bicubic, ours, truth where known, kernels."
    bicubic = result.photo.image(resize_bicubic(result.photo.tensor, result.tensor.shape[-2:]))
    pictures = {"LR": result.lr, "bicubic": bicubic, f"ours, {result.trust:.0%} solved": result.hr}
    pictures |= {} if hr is None else {"truth": Image.fromarray(hr)}
    pictures |= {f"kernel, {len(result.kernel)}x{len(result.kernel)}": kernel_image(result.kernel)}
    pictures |= {} if kernel is None else {"true kernel": kernel_image(kernel)}
    sheet = panels(pictures, SCALE * SIDE)
    with atomic_write(place(__file__, f"photographs/{name}.png")) as temporary:
        (sheet.convert("L") if result.lr.mode == "L" else small(sheet)).save(temporary, "PNG", optimize=True)


def small(sheet):
    "A PIL picture in 216 colours of its own and 40 greys, which kernels need."
    colours = sheet.quantize(216, method=Image.MEDIANCUT, kmeans=3).getpalette()[:3 * 216]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours + [grey for grey in np.linspace(0, 255, 40).astype(int).tolist() for _ in range(3)])
    return sheet.quantize(palette=palette, dither=Image.Dither.NONE)


def row_of(name):
    "The row of a picture."
    pixels, what, source = PICTURES[name]
    lr, hr, kernel, (top, left) = pixels()
    with tempfile.TemporaryDirectory() as cache:
        result = solve(lr, SCALE, preset="cpu", device="cpu", progress=False, prior_cache=cache, **BUDGET)
        truth = with_truth(result, lr, hr, kernel, cache)
    pictured(name, result, hr, kernel)
    place_of_it = dict(picture=name, what=what, source=source, top=top, left=left, lr=len(lr))
    return dict(**place_of_it, **without_truth(result), **truth,
                seconds=round(result.seconds["total"], 1), warnings=" | ".join(result.warnings))


def others(name):
    "Rows of the CSV that is there, but for that of `name`."
    path = place(__file__, "photographs.csv")
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["picture"] != name]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", nargs="*", choices=PICTURES, default=reduced(tuple(PICTURES), ("text", "scan")))
    for name in parser.parse_args().names:
        row = row_of(name)
        print(*row.values(), flush=True)
        rows = sorted([*others(name), row], key=lambda row: list(PICTURES).index(row["picture"]))
        write_csv(rows, place(__file__, "photographs.csv"))


if __name__ == "__main__":
    main()
