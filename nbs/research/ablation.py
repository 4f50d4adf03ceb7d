"""What each piece of the published image part is worth, kernel and budget equal: `python nbs/research/ablation.py [--found FOLDER...]` writes ablation.csv.

The kernel is the one that preset cpu found, read from the `joint` records of `kernelfusion bench` in FOLDER, or without --found the true one (ablation_true.csv); every U-Net row gets 60 + 19 x 6 updates. Six cases of the dev suite (x2, LR 96):
every second of the twelve on which settings were chosen.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import torch
from cases import case

from kernelfusion_nb import solve
from kernelfusion_nb.app.metrics import evaluate
from kernelfusion_nb.bench.tables import write_csv

CASES = ("kodim05,k_0", "kodim05,k_6", "kodim08,k_1", "kodim08,k_7", "kodim24,k_2", "kodim24,k_8")
UNET = dict(image_model="unet", hold=0, visits=20, iterations=6, first_iterations=60, t_start=300, backprojection=0.01)
ROWS = {
    "DIP: U-Net on noise": dict(UNET, prior="none", unet_input="noise"),
    "U-Net on the bicubic image": dict(UNET, prior="none", unet_input="bicubic"),
    "prior, then U-Net": dict(UNET, applications="second", unet_input="bicubic"),
    "U-Net, then prior": dict(UNET, applications="first", unet_input="bicubic"),
    "U-Net, prior, U-Net (dual application)": dict(UNET, unet_input="bicubic"),
    "dual application, current image as input, LR loss (the paper)": dict(UNET, backprojection=0.),
    "exact image": dict(),
    "exact image, no prior": dict(prior="none"),
}


def found_kernel(folders, image, kernel):
    "The kernel of the `joint` record on `image` and `kernel` in one of `folders`, and its similarity."
    for folder in folders:
        for record in Path(folder).glob(f"tasks/joint--*{image}*{kernel}/record.json"):
            facts = json.loads(record.read_text())
            if (facts["image"], facts["kernel"], facts["scale"]) == (image, kernel, 2):
                return np.load(record.parent / "kernel.npy"), facts["similarity"]
    raise SystemExit(f"no joint record of {image}, {kernel} in {', '.join(folders)}: kernelfusion bench --suite dev2 --methods joint makes it")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--found", nargs="+", metavar="FOLDER")
    parser.add_argument("--rows", nargs="*", default=ROWS, help="of: " + "; ".join(ROWS))
    parser.add_argument("--case", nargs="*", default=CASES)
    parser.add_argument("--prior-cache", default="out/priors")
    parser.add_argument("--out")
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for name in args.case:
        lr, hr, true = case(*name.split(","))
        kernel, similarity = found_kernel(args.found, *name.split(",")) if args.found else (true, 1.)
        for title, settings in [(title, ROWS[title]) for title in args.rows]:
            # as `joint` has its image: the same levels, chains and weight of the prior
            exact = dict(rho=0.03, hold=0, visits=10, t_start=300) if "image_model" not in settings else {}
            r = solve(lr, 2, kernel=kernel, preset="cpu", device="cpu", progress=False, prior_cache=args.prior_cache, **exact | settings | dict(t_margin=500 - 300))
            m = evaluate(r.array, hr, lr, 2)
            rows.append(dict(case=name, similarity=round(similarity, 3), image=title, gain=round(m["gain"], 3), seconds=round(r.seconds["reverse"], 1)))
            print(*rows[-1].values(), flush=True)
            write_csv(rows, args.out or Path(__file__).with_name("ablation.csv" if args.found else "ablation_true.csv"))


if __name__ == "__main__":
    main()
