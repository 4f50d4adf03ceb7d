"""Cut the sample photographs from scikit-image's own data: `python tools/make_samples.py [--check]` (needs scikit-image).

Rule: `best_crop`, of all 256x256 crops on a 16-pixel grid the one whose smaller of the two gradient energies is largest, so that it has
edges in both directions.
"""
import hashlib
import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.samples import best_crop

HERE, SIZE = Path(__file__).resolve().parent.parent / "data", 256
SOURCES = dict(astronaut="astronaut.png", camera="camera.png", coffee="coffee.png", rocket="rocket.jpg", chelsea="chelsea.png")


def main(check=False):
    "Write (or compare) the five crops and print their offset, mode and hash; returns the number that differ."
    import skimage

    differ = 0
    for name, file in SOURCES.items():
        image = Image.open(Path(skimage.__file__).parent / "data" / file)
        top, left = best_crop(load(image).tensor, (SIZE, SIZE))
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
