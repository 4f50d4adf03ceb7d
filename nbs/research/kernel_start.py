"""How the kernel should begin and be kept: rows of settings on three cases at x2, LR 96 (about two minutes for each row of a case on one core).

    python nbs/research/kernel_start.py [--case astronaut,hollow] [--row NAME ...]

Prints similarity and gain over bicubic. `kernel_start.csv` holds what a prototype of these settings gave (prior of 500 updates, kernel updates as stated there).
kodim08 is read from ../shared/data where that is there.
"""
import argparse
import tempfile
from pathlib import Path

import torch

from kernelfusion_nb import solve
from kernelfusion_nb.bench import suite_kernels
from kernelfusion_nb.images import load
from kernelfusion_nb.job import Job, train
from kernelfusion_nb.kernels import make
from kernelfusion_nb.metrics import evaluate
from kernelfusion_nb.samples import SAMPLES, degrade_photo, hr_photo, sample
from kernelfusion_nb.settings import make_settings

SHARED = Path(__file__).parents[3] / "shared" / "data"
CASES = ("astronaut,hollow", "kodim08,k_0", "rocket,shake")
ROWS = {
    "default": {},
    "exact kernel": dict(kernel_model="exact"),
    "free weights": dict(kernel_model="free", joint_rate=0.1),
    "gaussian start, 100 updates": dict(start="gaussian", kernel_visits=100, kernel_high=250, joint_rate=3e-3),
    "not pruned": dict(prune=0.),
    "last kernel, no mean": dict(average=0.),
    "LR loss alone": dict(natural=0.),
    "not completed": dict(complete=0.),
    "100 updates": dict(kernel_visits=100),
}


def case(image, kernel, scale=2, side=96):
    "(LR array, HR array, kernel) of an image of the project or of ../shared/data under a kernel of the zoo or of Blind144."
    photo, _ = hr_photo(sample(image) if image in SAMPLES else SHARED / "hr" / f"{image}.png", scale, scale * side)
    k = suite_kernels(SHARED / "kernels" / "blind144_rebuilt_24x24.npz", scale)[kernel] if kernel.startswith("k_") else make(kernel, scale)
    return *degrade_photo(photo, k, scale), k


def trained(name, scale, side):
    "(job of preset cpu with its prior trained, HR array, kernel) of the case `name` ('image,kernel'), for the parts one by one."
    lr, hr, kernel = case(*name.split(","), scale, side)
    job = Job(load(lr).tensor, scale, len(kernel), make_settings("cpu", torch.device("cpu"), {}), 0, torch.device("cpu"))
    for _ in train(job):
        pass
    return job, hr, kernel


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="*", default=CASES)
    parser.add_argument("--row", nargs="*", default=list(ROWS), choices=list(ROWS))
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--side", type=int, default=96, help="LR px")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as priors:
        for name in args.case:
            lr, hr, kernel = case(*name.split(","), args.scale, args.side)
            for row in args.row:
                result = solve(lr, args.scale, progress=False, prior_cache=priors, **ROWS[row])
                figures = evaluate(result.array, hr, lr, args.scale, result.kernel, kernel)
                print(f"{name:20} {row:28} similarity {figures['similarity']:.3f} gain {figures['gain']:+.2f} dB, phase 2 {result.seconds['reverse']:.0f} s", flush=True)


if __name__ == "__main__":
    main()
