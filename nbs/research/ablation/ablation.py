"""What is each piece of the published image part worth, kernel and budget equal?

    python nbs/research/ablation/ablation.py --found FOLDER...     writes ablation.csv
    python nbs/research/ablation/ablation.py                       writes ablation_true.csv

The kernel is the one that preset cpu found, read from the records of `ours` that `kernelfusion bench` left in FOLDER,
or without --found the true one; every U-Net row gets 60 + 19 x 6 updates. Six cases of the dev suite (x2, LR 96): every
second of the twelve on which settings were chosen.
"""
import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import SMALL, TINY, case, reduced, written

from kernelfusion_nb import solve
from kernelfusion_nb.app.metrics import evaluate

CASES = "kodim05,k_0", "kodim05,k_6", "kodim08,k_1", "kodim08,k_7", "kodim24,k_2", "kodim24,k_8"
UNET = dict(image_model="unet", image_visits=20, unet_iterations=6, unet_first_iterations=60, unet_backprojection=0.01)
UNET |= reduced({}, dict(image_visits=2, unet_iterations=1, unet_first_iterations=1, unet_widths=(4, 8)))
EXACT = dict(image_rho=0.03)  # as ours has it under an estimated kernel
ROWS = {
    "DIP: U-Net on noise": dict(UNET, prior_model="none", unet_input="noise"),
    "U-Net on the bicubic image": dict(UNET, prior_model="none", unet_input="bicubic"),
    "prior, then U-Net": dict(UNET, unet_applications="second", unet_input="bicubic"),
    "U-Net, then prior": dict(UNET, unet_applications="first", unet_input="bicubic"),
    "U-Net, prior, U-Net (dual application)": dict(UNET, unet_input="bicubic"),
    "dual application, current image as input, LR loss (the paper)": dict(UNET, unet_backprojection=0.0),
    "exact image": EXACT,
    "exact image, no prior": dict(EXACT, prior_model="none"),
}


def found_kernel(folders, image, kernel):
    "The kernel of the `ours` record on `image` and `kernel` in one of `folders`, and its similarity."
    for folder in folders:
        for record in Path(folder).glob(f"tasks/ours--*{image}*{kernel}/record.json"):
            facts = json.loads(record.read_text())
            if (facts["image"], facts["kernel"], facts["scale"]) == (image, kernel, 2):
                return np.load(record.parent / "kernel.npy"), facts["similarity"]
    raise SystemExit(f"no record of ours on {image}, {kernel} in {', '.join(folders)}: "
                     "kernelfusion bench --suite dev2 --methods ours makes it")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--found", nargs="+", metavar="FOLDER")
    parser.add_argument("--rows", nargs="*", default=ROWS, help="of: " + "; ".join(ROWS))
    parser.add_argument("--case", nargs="*", default=reduced(CASES, ("astronaut,l",)))
    parser.add_argument("--prior-cache", default=None if TINY else "out/priors")
    args = parser.parse_args()
    rows = []
    for name in args.case:
        lr, hr, true = case(*name.split(","), side=reduced(96, 40))
        kernel, similarity = found_kernel(args.found, *name.split(",")) if args.found else (true, 1.0)
        for title in args.rows:
            settings = ROWS[title] if "prior_model" in ROWS[title] else reduced({}, SMALL) | ROWS[title]
            result = solve(lr, 2, kernel=kernel, preset="cpu", device="cpu", progress=False,
                           prior_cache=args.prior_cache, **settings)
            gain = evaluate(result.array, hr, lr, 2)["gain"]
            rows.append(dict(case=name, similarity=round(similarity, 3), image=title, gain=round(gain, 3),
                             seconds=round(result.seconds["reverse"], 1)))
            written(rows, __file__, "ablation.csv" if args.found else "ablation_true.csv")


if __name__ == "__main__":
    main()
