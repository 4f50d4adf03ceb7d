"""Cases with a trained prior for the scripts of this folder, of the project's photographs or of ../shared/data.

With TINY=1 in the environment every script runs in seconds, on one bundled photograph and with budgets that show
nothing, and writes to out/tiny instead of beside itself; with OUT=FOLDER it writes there.
"""
import argparse
import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.samples import SAMPLES, degrade_photo, hr_photo, sample
from kernelfusion_nb.bench.suites import suite_kernels
from kernelfusion_nb.bench.tables import write_csv
from kernelfusion_nb.schedule import noise_levels
from kernelfusion_nb.solver import make_settings, start, train_prior
from kernelfusion_nb.steps import STEPS

TINY = os.environ.get("TINY", "") not in ("", "0")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SMALL = dict(prior_width=8, prior_steps=10, prior_batch=2, prior_crop=16)  # phase 1 of a tiny run
CPU = torch.device("cpu")


def reduced(usual, tiny):
    "`usual`, or `tiny` in a tiny run."
    return tiny if TINY else usual


def place(script, name):
    "Where a script writes the file `name`: beside itself (but see above)."
    script = Path(script).resolve()
    folder = Path(__file__).resolve().parents[2] / "out" / "tiny" if TINY else script.parent
    path = Path(os.environ.get("OUT") or folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def written(rows, script, name=None):
    "Writes `rows` (dicts) to a CSV beside `script` (but see above), under `name` or its own; prints the last row."
    print(*rows[-1].values(), flush=True)
    write_csv(rows, place(script, name or f"{Path(script).stem}.csv"))


def record(rows_of, usual, script, doc):
    "The command line of a script: rows_of(case) of the cases of --case (default `usual`), written as they come."
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--case", nargs="*", default=reduced(usual, ("astronaut,l",)))
    rows = []
    for name in parser.parse_args().case:
        for row in rows_of(name):
            rows.append(row)
            written(rows, script)


def case(image, kernel, scale=2, side=96, **stages):
    """(LR array, HR array, kernel): a photograph of the project or of ../shared/data, a kernel of the zoo or Blind144.

    stages: noise and seed of `degrade_photo`.
    """
    path = sample(image) if image in SAMPLES else SHARED / "hr" / f"{image}.png"
    photo, _ = hr_photo(path, scale, scale * side)
    if kernel.startswith("k_"):
        k = suite_kernels(SHARED / "kernels" / "blind144_rebuilt_24x24.npz", scale)[kernel]
    else:
        k = make(kernel, scale)
    return *degrade_photo(photo, k, scale, **stages), k


def ends(image, kernel, count=6, weight=4.0):
    """(kernels (d, n, n), judgements (d,)) of the first `count` descents of descents/ on a case of dev2.

    weight: of the sparsity in the judgement.
    """
    folder = Path(__file__).resolve().parent / "descents"
    with open(folder / "descents.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["image"], row["kernel"]) == (image, kernel)][:count]
    judged = [float(row["begun"]) + weight * float(row["sparsity"]) for row in rows]
    kernels = torch.from_numpy(np.load(folder / "descents.npz")[f"{image}-{kernel}"][:len(rows)])
    return kernels, torch.tensor(judged, dtype=torch.float64)


def trained(name, scale=2, side=96, **settings):
    "(`Run` of preset cpu, its prior trained, phase 2 built; HR array; kernel) of the case `name`, 'image,kernel'."
    lr, hr, kernel = case(*name.split(","), scale, side)
    settings = reduced({}, SMALL | dict(kernel_searches=1, kernel_visits=2, image_visits=2)) | settings
    run = start(load(lr).tensor, scale, len(kernel), make_settings("cpu", CPU, settings))
    for _ in train_prior(run):
        pass
    run.build()
    return run, hr, kernel


def again(run):
    "Another `Run` of the same case with the prior of `run`: its kernel model, optimiser and candidates are new."
    other = start(run.lr, run.scale, run.n, run.settings, seed=run.seed)
    other.training = run.training
    other.build()
    return other


def searched(run):
    "The best kernel (n, n) of the search of `run`."
    for index in range(run.settings.kernel.searches):
        run.x, run.kernel, *_ = STEPS["search"](run, run.settings.kernel.high, None, index)
    return run.kernel


def noise(x, seed=1):
    "Normal noise of the shape of `x` that depends on `seed` alone."
    return torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))


def descent(run, kernel, drawn=None, **settings):
    """(t, kernel) after each update of a descent from `kernel` with the prior of `run`, as the solver has it.

    drawn(x, index): its noise (default: as in a solve); settings: other values of the group `kernel`.
    """
    own = again(run)
    k = replace(run.settings.kernel, **settings)
    own.settings = replace(run.settings, kernel=k)
    own.models.add(kernel, 0.0)
    own.x, own.kernel, *_ = STEPS["begin"](own, k.high, None, 0)
    for index, t in enumerate(noise_levels(k.high, k.low, k.visits)):
        eps = drawn(own.x, index) if drawn else own.noise()
        own.x, own.kernel, *_ = STEPS["kernel"](own, t, eps, index)
        yield t, own.kernel


def image_under(run, kernel, **settings):
    "The image (1, C, H, W) of `run` under `kernel`; settings: other values of the group `image`."
    i = replace(run.settings.image, **settings)
    run.having(settings=replace(run.settings, image=i), kernel=kernel, x=run.bicubic.repeat(i.chains, 1, 1, 1))
    for index, t in enumerate(noise_levels(i.high, i.low, i.visits)):
        run.x, *_ = STEPS["image"](run, t, run.noise(), index)
    return run.image()
