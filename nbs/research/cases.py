"""Cases of the project's own photographs or of ../shared/data, with a trained prior, for the research scripts. No command."""
from pathlib import Path

import torch

from kernelfusion_nb.bench.suites import suite_kernels
from kernelfusion_nb.app.images import load
from kernelfusion_nb.job import Job, train
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.samples import SAMPLES, degrade_photo, hr_photo, sample
from kernelfusion_nb.settings import make_settings

SHARED = Path(__file__).parents[3] / "shared" / "data"
CASES = ("astronaut,hollow", "kodim08,k_0", "rocket,shake")


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
