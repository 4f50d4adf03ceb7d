"""Which kernels look right to the prior, without ground truth? Writes kernel_score.csv: `python nbs/research/kernel_score.py` (about 10 minutes on two cores).

For each candidate the kernel is held and the image follows it down the noise levels. At each level: the LR loss |A x_pd - y|^2 of the prior's image, and the prior's own error |x_pd - x|^2.
The true kernel should be the one that is low in both: narrow kernels fail the first, wide ones and the cross of a kernel and its reflection the second.
"""
import csv
from pathlib import Path

import torch

from kernelfusion_nb.consistency import degrade, solve_image
from kernelfusion_nb.images import load
from kernelfusion_nb.job import Job
from kernelfusion_nb.joint import start_kernel
from kernelfusion_nb.kernels import make, similarity
from kernelfusion_nb.patch_model import predict_x0
from kernelfusion_nb.samples import degrade_photo, sample
from kernelfusion_nb.settings import make_settings

LEVELS = (400, 400, 300, 200, 150, 100, 60, 30)


@torch.no_grad()
def scores(job, kernel):
    "{t: (LR loss, prior's error)} with `kernel` held."
    noise, prior = torch.Generator().manual_seed(1), job.training.prior()
    x, found = solve_image(job.y, kernel, job.scale, job.x[:1], rho=1e-2, steps=30), {}
    for t in LEVELS:
        x_pd = predict_x0(prior, job.schedule, job.schedule.noisify(x, t, torch.randn(x.shape, generator=noise)), t)
        found[t] = float((degrade(x_pd, kernel, job.scale) - job.y).square().mean()), float((x_pd - x).square().mean())
        x = solve_image(job.y, kernel, job.scale, x_pd, rho=1e-3)
    return found


def main():
    rows = []
    for image, name in (("astronaut", "l"), ("coffee", "hollow"), ("rocket", "shake")):
        truth = torch.from_numpy(make(name, 2))
        lr, _ = degrade_photo(load(sample(image)), truth.numpy(), 2)
        job = Job(load(lr).tensor[..., :96, :96], 2, 12, make_settings("cpu", torch.device("cpu"), {}), 0, torch.device("cpu"))
        for _ in range(job.settings.prior_steps):
            job.training.step()
        mirrored = truth.flip(0, 1)
        wide = torch.nn.functional.avg_pool2d(truth[None, None], 3, 1, 1)[0, 0]
        for label, kernel in dict(true=truth, mirrored=mirrored, cross=(truth + mirrored) / 2, blurred=wide / wide.sum(), narrow=start_kernel(12, 2), box=torch.from_numpy(make("box", 2)),
                                  square=torch.from_numpy(make("solid", 2))).items():
            for t, (loss, error) in scores(job, kernel).items():
                rows.append(dict(image=image, kernel=name, candidate=label, similarity=round(similarity(kernel, truth), 3), t=t, lr_loss=f"{loss:.3e}", prior_error=f"{error:.3e}"))
    with open(Path(__file__).with_suffix(".csv"), "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
