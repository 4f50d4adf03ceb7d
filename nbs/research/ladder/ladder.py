"""Where does a blind solve fail? Each part alone, the others given the truth.

    python nbs/research/ladder/ladder.py [--scale 2 4] [--side 96] [--case astronaut,l ...]     writes ladder.csv

1. prior: PSNR of its denoised image at each level, on the HR image and on the LR image it was trained on.
2. kernel: similarity of the kernel by least squares when the HR image is given, denoised at each level.
3. image: gain over bicubic with the true kernel held, by the weight rho of the prior's image.
4. start: similarity, score and gain before and after the descent, begun at the best of the search and at the truth.
About 6 minutes for a case at x2 and 10 at x4, LR 96, on one core.
"""
import argparse
import math
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import descent, noise, reduced, searched, trained, written

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.bench.methods import ALTERNATING, _smooth_kernel, chain_equations
from kernelfusion_nb.consistency import solve_image
from kernelfusion_nb.patch_model import predict_x0
from kernelfusion_nb.schedule import noise_levels
from kernelfusion_nb.steps import score_kernel

LEVELS = reduced((500, 400, 300, 200, 150, 100, 60, 30), (300, 100))
SCORED = reduced(LEVELS[2:7], LEVELS)


@torch.no_grad()
def denoise(run, x, t):
    return predict_x0(run.models.prior, run.schedule, run.schedule.noisify(x, t, noise(x, t)), t)


def fitted_kernel(run, x):
    "The kernel (n, n) that explains the LR image best if `x` is the HR image: that of the alternating solver."
    how = {name: ALTERNATING[name] for name in ("ridge", "smooth", "threshold")}
    return _smooth_kernel(*chain_equations(x, run.y, run.n, run.scale), **how)


@torch.no_grad()
def restore(run, kernel, rho):
    "The image (1, C, H, W) under `kernel`, one chain."
    x = run.bicubic
    for t in noise_levels(300, 5, reduced(10, 2)):
        x = solve_image(run.y, kernel, run.scale, denoise(run, x, t), rho=rho)
    return x


def descended(run, kernel):
    "The kernel (n, n) of one descent begun at `kernel`."
    *_, (_, found) = descent(run, kernel, lambda x, index: noise(x, 1000 + index))
    return found


class Judge:
    "What the truth of a case says of kernels and images, as text."
    def __init__(self, run, hr, kernel):
        self.run, self.true, self.truth = run, kernel, load(hr).tensor
        self.bicubic = psnr(run.bicubic / run.spread + run.mean, self.truth, run.scale)

    def alike(self, kernel):
        return f"{similarity(kernel.numpy(), self.true):.3f}"

    def gain(self, image):
        own = psnr(image / self.run.spread + self.run.mean, self.truth, self.run.scale)
        return f"{float(own - self.bicubic):+.2f}"


def near(a, b):
    "PSNR (text, dB) of two images whose range is 2 wide."
    return f"{10 * math.log10(4 / float((a - b).square().mean())):.2f}"


def part_rows(run, judge):
    "Rows of the parts one by one: prior, kernel, image."
    x = (judge.truth - run.mean) * run.spread
    for t in LEVELS:
        seen = denoise(run, x, t)
        values = near(seen, x) + " / " + near(denoise(run, run.y, t), run.y)
        yield dict(part="prior", what="PSNR on HR / on LR", t=t, value=values)
        alike = judge.alike(fitted_kernel(run, seen))
        yield dict(part="kernel", what="similarity from the denoised HR image", t=t, value=alike)
    yield dict(part="kernel", what="similarity from the HR image", t=0, value=judge.alike(fitted_kernel(run, x)))
    true = torch.as_tensor(judge.true).float()
    for rho in (1e-3, 1e-2, 1e-1):
        gain = judge.gain(restore(run, true, rho))
        yield dict(part="image", what=f"gain with the true kernel, rho {rho}", t="300..5", value=gain)


def start_rows(run, judge):
    "Rows of the start: the best of the search and the truth, before and after the descent."
    alike = judge.alike(fitted_kernel(run, run.bicubic))
    yield dict(part="start", what="similarity of the kernel that explains the bicubic image", t="", value=alike)
    found, true = searched(run), torch.as_tensor(judge.true).float()
    ends = {"the best of the search": found, "the best of the search: after the descent": descended(run, found),
            "the truth": true, "the truth: after the descent": descended(run, true)}
    for what, end in ends.items():
        score = f"{score_kernel(run, end, SCORED)[0]:.3f}"
        yield dict(part="start", what=f"similarity / score, {what}", t="", value=f"{judge.alike(end)} / {score}")
        yield dict(part="start", what=f"gain at rho .03, {what}", t="", value=judge.gain(restore(run, end, .03)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="*", default=reduced(("kodim08,k_0", "kodim24,k_9"), ("astronaut,l",)))
    parser.add_argument("--scale", nargs="*", type=int, default=reduced((2, 4), (2,)))
    parser.add_argument("--side", type=int, default=reduced(96, 40), help="LR px")
    args = parser.parse_args()
    rows = []
    for name in args.case:
        for scale in args.scale:
            run, hr, kernel = trained(name, scale, args.side)
            judge = Judge(run, hr, kernel)
            for row in (*part_rows(run, judge), *start_rows(run, judge)):
                rows.append(dict(case=name, scale=scale, lr=args.side) | row)
                written(rows, __file__)


if __name__ == "__main__":
    main()
