"""Does the published loop lift kernel and image when it begins near the answer?

    python nbs/research/good_start/good_start.py [--case kodim05,k_0 ...]     writes good_start.csv

U-Net and SIREN trained together through the frozen prior by the LR loss alone (`dual_step`), begun at the agreed kernel
of the first six descents of ../descents and at the exact image under it; beside it the flat start, the true one, the
kernel held, a slower kernel, the image of the start as the U-Net's input at all levels, and the paper's ablation from
the same start. One line for each noise level: update, t, LR loss, gain over bicubic in dB, the same at the best shift,
similarity; after the last one also the gain of the exact image under the kernel that the row ended with. 60 + 19 x 6
updates a row, as in ../ablation; one row of five times as many for the cases in LONG. Seven minutes a case on one core.
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, TINY, ends, image_under, record, reduced, trained

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.app.metrics import psnr
from kernelfusion_nb.consistency import lr_loss
from kernelfusion_nb.kernel_inr import begin_at, centre, start_kernel
from kernelfusion_nb.schedule import noise_levels
from kernelfusion_nb.solver import make_settings, start
from kernelfusion_nb.steps import STEPS, agreed_kernel

CASES = "kodim05,k_0", "kodim24,k_6", "kodim24,k_4", "kodim08,k_4"  # similarity of the found kernel: falling
LONG = "kodim24,k_6", "astronaut,l"
HIGH, LOW = 200, 1  # noise levels, as in preset paper
BUDGET = dict(image_model="dual", image_visits=20, unet_first_iterations=60, unet_iterations=6)
BUDGET |= reduced({}, dict(image_visits=2, unet_first_iterations=1, unet_iterations=1, unet_widths=(4, 8)))
PAPER_RATES = dict(unet_rate=1e-4, kernel_rate=1e-4)
FIVEFOLD = reduced(dict(unet_first_iterations=300, unet_iterations=30), {})
ROWS = {  # title: (where it begins, its settings)
    "full": ("found", {}),
    "full, flat start": ("flat", {}),
    "full, true start": ("true", {}),
    "full, kernel held": ("found", dict(image_model="unet")),
    "full, kernel rate a tenth": ("found", dict(kernel_rate=5e-5)),
    "full, input held": ("found", dict(unet_input="bicubic")),
    "DIP": ("found", dict(prior_model="none", unet_input="noise")),
    "U-Net, no prior": ("found", dict(prior_model="none")),
    "prior, U-Net once": ("found", dict(unet_applications="second")),
    "full, paper's rates, 5 x updates": ("found", PAPER_RATES | FIVEFOLD),
}


def found_kernel(name, true, weight):
    "The agreed kernel (n, n) of the first six descents of the case `name`; `weight`: of the sparsity in their scores."
    if TINY:
        return true
    return agreed_kernel(*ends(*name.split(","), weight=weight))


def exact_image(run, kernel):
    "(image (1, C, H, W) on the scale of `run.y`, the same in the photograph's range) under `kernel`, of equal noise."
    run.generator.manual_seed(1)
    image = image_under(run, kernel)
    return run.x.mean(0, keepdim=True), image


def starts(run, name, true):
    "{start: (kernel (n, n), image (1, C, H, W) on the scale of `run.y`)}: exact images, but the flat one is bicubic."
    kernels = dict(found=found_kernel(name, true, run.settings.kernel.sparsity), true=true)
    images = {key: (kernel, exact_image(run, kernel)[0]) for key, kernel in kernels.items()}
    return images | dict(flat=(start_kernel(run.n, run.scale), run.bicubic))


def begun(run, kernel, x, settings):
    "A `Run` of the published loop with the prior of `run`, its SIREN and its current image at `kernel` and `x`."
    held = settings.get("image_model") == "unet"
    settings = make_settings("cpu", CPU, BUDGET | settings, given=held)
    own = start(run.lr, run.scale, run.n, settings, seed=run.seed, kernel=kernel if held else None)
    own.training = None if settings.prior.model == "none" else run.training
    model = own.build().kernel
    if settings.unet.input == "bicubic":  # a fixed input, here the image at which the row begins
        own.models.unet_input = x
    if not held:
        begin_at(model, kernel)
        kernel = centre(model().detach())
    return own.having(x=x, kernel=kernel)


def loop(own):
    "(updates so far, t, LR loss) before the first level and after each; `own` carries image and kernel."
    u = own.settings.unet
    step = STEPS["image" if own.given is not None else "dual"]
    yield 0, "", float(lr_loss(own.x, own.kernel, own.y, own.scale))
    for index, t in enumerate(noise_levels(HIGH, LOW, own.settings.image.visits, "even")):
        own.x, own.kernel, loss, _ = step(own, t, own.noise(), index)
        yield u.first_iterations + index * u.iterations, t, loss


def case_rows(name):
    "The lines of a case, row by row."
    run, hr, true = trained(name, side=reduced(96, 40))
    hr, true, bicubic = load(hr).tensor, torch.as_tensor(true).float(), run.image()
    image, which = name.split(",")

    def gain(x, shift=0):
        "Gain of `x` over bicubic in dB, each at its best shift of up to `shift` px."
        return round(psnr(x, hr, 2, max_shift=shift) - psnr(bicubic, hr, 2, max_shift=shift), 3)

    begin = starts(run, name, true)
    for title, (where, settings) in ROWS.items():
        if "5 x" in title and name not in LONG:
            continue
        own = begun(run, *begin[where], settings)
        last = own.settings.image.visits
        for index, (update, t, loss) in enumerate(loop(own)):
            exact = gain(exact_image(run, own.kernel)[1]) if index == last else ""
            yield dict(image=image, kernel=which, row=title, update=update, t=t, loss=f"{loss:.3g}",
                       gain=gain(own.image()), shifted=gain(own.image(), 2),
                       similarity=round(similarity(own.kernel, true), 4), exact=exact)


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)
