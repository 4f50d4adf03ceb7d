"""Cut the sample photographs from scikit-image's own data: `python data/make_samples.py [--check]` (needs scikit-image).

Rule: of all 256x256 crops on a 16-pixel grid, the one whose smaller of the two gradient energies is largest (the sum of
squared horizontal differences of its luminance, and that of the vertical ones), so that it has edges in both directions.
"""
import hashlib
import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image

HERE, SIZE, GRID = Path(__file__).parent, 256, 16
SOURCES = dict(astronaut="astronaut.png", camera="camera.png", coffee="coffee.png", rocket="rocket.jpg", chelsea="chelsea.png")


def offset(image):
    "(top, left) of the chosen crop of a PIL image; the first in reading order where two are equal."
    y = np.asarray(image.convert("L"), dtype=np.int64)
    energies = np.diff(y, axis=0)[:, :-1] ** 2, np.diff(y, axis=1)[:-1] ** 2
    tables = [np.pad(e.cumsum(0).cumsum(1), ((1, 0), (1, 0))) for e in energies]

    def score(corner):
        t, l, n = *corner, SIZE - 1
        return min(s[t + n, l + n] - s[t, l + n] - s[t + n, l] + s[t, l] for s in tables)

    corners = [(t, l) for t in range(0, y.shape[0] - SIZE + 1, GRID) for l in range(0, y.shape[1] - SIZE + 1, GRID)]
    return max(corners, key=score)


def main(check=False):
    "Write (or compare) the five crops and print their offset, mode and hash; returns the number that differ."
    import skimage

    differ = 0
    for name, file in SOURCES.items():
        image = Image.open(Path(skimage.__file__).parent / "data" / file)
        top, left = offset(image)
        crop, buffer, path = image.crop((left, top, left + SIZE, top + SIZE)), io.BytesIO(), HERE / f"{name}.png"
        Image.fromarray(np.asarray(crop)).save(buffer, "PNG", optimize=True)
        if not check:
            path.write_bytes(buffer.getvalue())
        same = path.exists() and path.read_bytes() == buffer.getvalue()
        differ += not same
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
        print(f"{name}.png  {file}  top {top} left {left}  {crop.mode}  {digest}  {'same' if same else 'DIFFERENT'}")
    return differ


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]) > 0)
