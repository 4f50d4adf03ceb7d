"""Where does a blind solve fail? Each part alone, the others given the truth. Writes ladder.csv: `python nbs/research/ladder.py [--scale 2 4] [--side 96] [--case astronaut,l ...]`.

1. prior: PSNR of the prior's denoised image at each level, on the HR image against on the LR image it was trained on (whole image, [-1, 1] scaled to `contrast`).
2. kernel: similarity of the exact kernel when the HR image is given, denoised at each level.
3. image: gain over bicubic with the true kernel held, by the weight rho of the prior's image.
4. start: similarity and gain after the joint updates, begun at the best start of the search and at the truth, and the score of each.
About 6 minutes for a case at x2 and 10 at x4, LR 96, on one core.
"""
import argparse
import math
from pathlib import Path

import torch
from cases import trained

from kernelfusion_nb.app.images import load
from kernelfusion_nb.job import make_parts, visit
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.parts import ExactImage, KernelPart, bicubic_start
from kernelfusion_nb.patch_model import predict_x0
from kernelfusion_nb.settings import falling_levels
from kernelfusion_nb.bench.tables import write_csv

LEVELS = (500, 400, 300, 200, 150, 100, 60, 30)


def noise(x, seed=1):
    return torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def denoise(job, x, t):
    return predict_x0(job.training.prior(), job.schedule, job.schedule.noisify(x, t, noise(x, t)), t)


def exact_kernel(job, x):
    s = job.settings
    return KernelPart("exact", job.y, job.scale, job.n, ridge=s.ridge, smooth=s.smooth, threshold=s.threshold).update(x)


@torch.no_grad()
def restore(job, kernel, rho, levels=falling_levels(300, 5, 10)):
    x = bicubic_start(job.y, job.scale)
    part = ExactImage(job.y, job.scale, job.schedule, job.training.prior(), KernelPart("given", job.y, job.scale, job.n, kernel=kernel), rho=rho)
    for t in levels:
        x, *_ = part.step(x, t, noise(x, t))
    return x


def joint_from(job, kernel):
    "The kernel (n, n) of one run of joint updates begun at `kernel`."
    parts = make_parts(job)
    parts.visited = parts.searches
    parts.kernel_part.add(kernel, 0.)
    x, *_ = parts.step(None, 0, None, stage="begin")
    for index, t in enumerate(falling_levels(job.settings.kernel_high, job.settings.kernel_low, job.settings.kernel_visits)):
        x, *_ = parts.step(x, t, noise(x, 1000 + index), stage="kernel")
    return parts.kernel_part.average


def rows_of(name, scale, side):
    job, hr, kernel = trained(name, scale, side)
    true = torch.as_tensor(kernel).float()
    x, bicubic = (load(hr).tensor - job.mean) * job.spread, bicubic_start(job.y, scale)
    out = lambda image: image / job.spread + job.mean
    alike = lambda k: f"{similarity(k.numpy(), kernel):.3f}"
    gain = lambda image: f"{float(psnr(out(image), out(x), scale) - psnr(out(bicubic), out(x), scale)):+.2f}"
    quality = lambda a, b: f"{10 * math.log10(4 / float((a - b).square().mean())):.2f}"
    for t in LEVELS:
        seen = denoise(job, x, t)
        yield dict(part="prior", what="PSNR on HR / on LR", t=t, value=quality(seen, x) + " / " + quality(denoise(job, job.y, t), job.y))
        yield dict(part="kernel", what="similarity from the denoised HR image", t=t, value=alike(exact_kernel(job, seen)))
    yield dict(part="kernel", what="similarity from the HR image", t=0, value=alike(exact_kernel(job, x)))
    for rho in (1e-3, 1e-2, 1e-1):
        yield dict(part="image", what=f"gain with the true kernel, rho {rho}", t="300..5", value=gain(restore(job, true, rho)))
    yield dict(part="start", what="similarity of the kernel that explains the bicubic image", t="", value=alike(exact_kernel(job, bicubic)))
    job.parts = make_parts(job)
    while job.stages[job.index] == "search":
        visit(job)
    found, score = job.parts.kernel_part.kernel, lambda k: f"{job.parts._score(k, LEVELS[2:7])[0]:.3f}"
    ends = {"the best of the search": found, "the best of the search: joint updates": joint_from(job, found), "the truth": true, "the truth: joint updates": joint_from(job, true)}
    for what, end in ends.items():
        yield dict(part="start", what=f"similarity / score, {what}", t="", value=f"{alike(end)} / {score(end)}")
        yield dict(part="start", what=f"gain at rho .03, {what}", t="", value=gain(restore(job, end, .03)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="*", default=("kodim08,k_0", "kodim24,k_9"))
    parser.add_argument("--scale", nargs="*", type=int, default=(2, 4))
    parser.add_argument("--side", type=int, default=96, help="LR px")
    parser.add_argument("--out", default=Path(__file__).with_suffix(".csv"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for name in args.case:
        for scale in args.scale:
            for row in rows_of(name, scale, args.side):
                rows.append(dict(case=name, scale=scale, lr=args.side) | row)
                print(*rows[-1].values(), flush=True)
                write_csv(rows, args.out)


if __name__ == "__main__":
    main()
