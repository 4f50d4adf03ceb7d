"""No global state: a solve gives the same bytes whatever its caller has set, from any thread, and leaves all of that as it was."""
import hashlib
import os
import random
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
import sympy  # noqa: F401  (torch imports it with the first network, and it adds a filter for warnings of its own)
import torch
from conftest import ROOT
from test_bytes import picture

from kernelfusion_nb import solve
from kernelfusion_nb.app.explore import _Fits
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.metrics import evaluate
from kernelfusion_nb.app.samples import degrade_photo
from kernelfusion_nb.consistency import _bicubic_matrix, resize_bicubic
from kernelfusion_nb.device import draw_noise, placed_noise
from kernelfusion_nb.kernel_inr import make_kernel
from kernelfusion_nb.noise import _white, degradation, jpeg_facts, saturated
from kernelfusion_nb.patch_model import PatchModel, PatchTraining
from kernelfusion_nb.reductions import fit_gaussian, reduction
from kernelfusion_nb.schedule import Schedule
from kernelfusion_nb.solver import make_settings, reverse, start, train_prior
from kernelfusion_nb.spectrum import Spectrum, fine_detail, fit_spectrum, start_kernels
from kernelfusion_nb.steps import blended_box
from kernelfusion_nb.unet import UNet

pytestmark = pytest.mark.usefixtures("one_thread")
PRIOR = dict(prior_width=8, prior_steps=3, prior_batch=2, prior_crop=16)
UNET = dict(unet_widths=(8, 16), unet_iterations=2, unet_first_iterations=2, image_visits=2)
CASES = {  # name: arguments of solve; the search, which takes longer, is in WORK
    "kernel given": dict(kernel="l", **PRIOR, image_visits=2),
    "descent": dict(**PRIOR, kernel_searches=0, kernel_model="free", kernel_rate=0.1, kernel_visits=2, image_visits=2),
    "dual": dict(**PRIOR, **UNET, image_model="dual", kernel_rate=1e-3),
    "tiles": dict(kernel="l", **PRIOR, image_visits=2, region=(4, 4, 30, 30)),
}
HUE = picture("rgb")


def solved(name, seed=0, image=HUE, **more):
    "SHA-256 of image, kernel and the numbers of a tiny solve."
    arguments = CASES[name] | more
    known = {"kernel": make(arguments["kernel"], 2)} if "kernel" in arguments else {}
    result = solve(image, 2, preset="cpu", device="cpu", progress=False, seed=seed, **arguments | known)
    told = repr((result.confidence, result.trust, result.flaws, [visit["loss"] for visit in result.history])).encode()
    parts = result.tensor.numpy().tobytes(), result.array.tobytes(), result.kernel.tobytes(), told
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def started(name, image=None, kernel=None):
    "The `Run` of a case, of `image` and where it is given `kernel` as tensors."
    settings = dict(CASES[name])
    given = settings.pop("kernel", None) and (torch.from_numpy(make("l", 2)) if kernel is None else kernel)
    chosen = make_settings("cpu", torch.device("cpu"), settings, given=given is not None)
    return start(load(HUE).tensor if image is None else image, 2, 12, chosen, kernel=given)


def numbers_of(value):
    "The values in a nest of tensors, arrays, modules and numbers, as bytes."
    if isinstance(value, torch.nn.Module):
        value = value.state_dict()
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return b"|".join(map(numbers_of, value))
    if isinstance(value, torch.Tensor):
        return f"{value.dtype} {value.device} {tuple(value.shape)}".encode() + value.detach().numpy().tobytes()
    return value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode()


def parts_of_search():
    "What the search is made of; the shortest fits."
    spectrum, starts = Spectrum(load(HUE).tensor, 2, 12, noise=1e-5), start_kernels(12, 2, 3)
    return starts, spectrum.power, fit_spectrum(spectrum, starts, steps=2, width=16), fit_gaussian(spectrum, 12, 2, steps=3)


def parts_of_networks():
    training = PatchTraining(load(HUE).tensor, width=8, steps=3, batch=2, crop=16, seed=4)
    losses = [training.step() for _ in range(3)]
    fits = _Fits(torch.from_numpy(make("l", 2)).float(), 1)
    fits.update()
    unets = [UNet(3, (8, 16), normalisation=kind, seed=3) for kind in ("group", "instance", "batch", "none")]
    noise = draw_noise((2, 3), torch.Generator().manual_seed(1), "cpu"), placed_noise((1, 1, 9, 9), 120, 3, "key", "cpu")
    return training.prior(), losses, unets, fits.kernels, fits.errors, make_kernel("mlp", 6, seed=2, width=16), noise, Schedule().abar


def parts_of_measures():
    "What is read off photographs; figures as they are printed, as torchmetrics computes in the default dtype."
    lr, hr = degrade_photo(load(HUE), make("l", 2), 2, noise=2, jpeg=60, seed=3)
    y = load(lr).tensor
    figures = {name: round(value, 4) for name, value in evaluate(hr, hr[::-1].copy(), lr, 2).items()}
    ramps = list(blended_box((0, 0, 9, 9), (0, 0, 20, 20), (0, 0, 20, 20)))
    return lr, hr, figures, repr(degradation(y)), repr(jpeg_facts(y)), saturated(y), fine_detail(y), reduction("lanczos", 2), ramps


WORK = {"search": parts_of_search, "networks": parts_of_networks, "measures": parts_of_measures}


@contextmanager
def default_dtype():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def all_of_it():
    with ExitStack() as stack:
        for name, enter in SET.items():
            if name != "all":
                stack.enter_context(enter())
        yield


SET = {"no_grad": torch.no_grad, "inference_mode": torch.inference_mode, "default dtype": default_dtype,
       "device": lambda: torch.device("meta"), "autocast": lambda: torch.autocast("cpu", torch.bfloat16), "all": all_of_it}


def state():
    "What belongs to the caller: generators, modes, defaults, filters, environment."
    name, keys, *rest = np.random.get_state()
    return dict(torch=torch.get_rng_state().tolist(), numpy=(name, keys.tobytes(), *rest), random=random.getstate(),
                modes=(torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.is_autocast_enabled("cpu"), torch.is_autocast_cache_enabled()),
                defaults=(torch.get_default_dtype(), torch.empty(0).device), threads=torch.get_num_threads(), filters=list(warnings.filters),
                strict=torch.are_deterministic_algorithms_enabled(), environment=dict(os.environ), folder=os.getcwd())


def same_state(before):
    now = state()
    assert [name for name in before if now[name] != before[name]] == []


def forget():
    "What is kept for the process is made anew."
    for kept in (_white, _bicubic_matrix):
        kept.cache_clear()


@pytest.fixture(scope="module")
def alone():
    "The bytes of a case or of a part of the work, of one thread and with nothing set."
    found = {}

    def of(name):
        if name not in found:
            found[name] = solved(name) if name in CASES else numbers_of(WORK[name]())
        return found[name]
    return of


def test_weights_are_those_of_torch():
    "The prior's first weights: the numbers that `torch.manual_seed` and torch's own layers give, in this order."
    from torch import nn

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        layers = [nn.Linear(64, 64), nn.Linear(64, 64), nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3), nn.Linear(64, 8)]
        for _ in range(5):
            layers += [nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 1), nn.Linear(64, 8)]
        layers.append(nn.Conv2d(8, 3, 1))
    before = state()
    model = PatchModel(3, 8, seed=3)
    own = [model.time[0], model.time[2], *(layer for block in model.blocks for layer in (block.first, block.second, block.shift)), model.output]
    assert [numbers_of([a.weight, a.bias]) for a in layers] == [numbers_of([a.weight, a.bias]) for a in own]
    same_state(before)


def test_threads(alone):
    "Eight threads at once, five runs each with one seed: one set of bytes; the caller's generators and settings are as they were."
    want, together, before = alone("kernel given"), Barrier(8), state()

    def five(_):
        together.wait()
        return [solved("kernel given") for _ in range(5)]
    with ThreadPoolExecutor(8) as pool:
        found = [own for owns in pool.map(five, range(8)) for own in owns]
    assert len(found) == 40 and set(found) == {want}
    same_state(before)


def test_threads_of_many_kinds(alone):
    "Unlike solves and parts at once, some within a context of their thread's own."
    want = {name: alone(name) for name in [*CASES, *WORK]}  # first, as some of what it imports adds filters for warnings
    names, together, before = list(want), Barrier(len(want)), state()

    def work(index):
        enter = [torch.no_grad, torch.inference_mode, torch.enable_grad, SET["autocast"], SET["device"]][index % 5]
        together.wait()
        with enter():
            name = names[index]
            return solved(name) if name in CASES else numbers_of(WORK[name]())
    with ThreadPoolExecutor(len(names)) as pool:
        found = list(pool.map(work, range(len(names))))
    assert [name for name, own in zip(names, found) if own != want[name]] == []
    same_state(before)


@pytest.mark.parametrize("name", [*CASES, *WORK])
@pytest.mark.parametrize("what", SET)
def test_settings_of_the_caller(name, what, alone):
    "The same bytes whatever is set, all of it still set after; what was kept from then serves where nothing is set."
    want = alone(name)
    forget()
    work = (lambda: solved(name)) if name in CASES else (lambda: numbers_of(WORK[name]()))
    with SET[what]():
        before = state()
        found = work()
        same_state(before)
    assert found == want
    x = torch.ones(1, 1, 6, 6, dtype=torch.float64, requires_grad=True)
    resize_bicubic(x, (3, 3)).sum().backward()


@pytest.mark.parametrize("what", ["inference_mode", "all"])
def test_state_within_callbacks_and_generators(what):
    "A callback, and whoever walks through the steps, has the caller's settings, after an early end, too."
    with SET[what]():
        before, seen = state(), []
        solved("descent", callback=lambda record: seen.append(same_state(before)))
        run = started("descent")
        for steps in (train_prior(run), reverse(run)):
            for _ in zip(range(3), steps):
                same_state(before)
            steps.close()
            same_state(before)
    assert len(seen) > 6


@pytest.mark.parametrize("what", ["inference_mode", "all"])
def test_continued_within(what, tmp_path, alone):
    "Interrupted where nothing is set and continued under a setting, and the other way round."
    def stop(record, seen=[]):
        seen.append(record)
        if len(seen) in (2, 8):
            raise KeyboardInterrupt
    for outer, inner in ((SET[what], ExitStack), (ExitStack, SET[what])):
        folder = tmp_path / outer.__name__ / inner.__name__
        with outer():
            solved("descent", checkpoint=folder, callback=stop)
        with inner():
            assert solved("descent", checkpoint=folder) == alone("descent")


def test_images_of_inference_mode(alone):
    "Tensors that were made in inference mode, as image and as kernel, in a solve outside it."
    with torch.inference_mode():
        image, kernel = load(HUE).tensor.clone(), torch.from_numpy(make("l", 2)).clone()
        frozen = {name: started(name, image, kernel) for name in ("descent", "dual", "kernel given")}
    for name, run in frozen.items():
        usual = started(name)
        for steps in (train_prior, reverse):
            assert len(list(steps(run))) == len(list(steps(usual)))
        assert image.is_inference() and not run.image().is_inference() and torch.equal(run.image(), usual.image())


class Solves(torch.utils.data.Dataset):
    "What a DataLoader's worker computes: the bytes of a case, and whether its own state is as before."
    def __len__(self):
        return len(CASES)

    def __getitem__(self, index):
        torch.set_num_threads(1)
        before = state()
        name = list(CASES)[index]
        found = solved(name)
        same_state(before)
        return [name, found]


def test_data_loader(alone):
    "In a worker process: spawned, as torch's autograd does not outlive a fork on a machine with a GPU."
    loader = torch.utils.data.DataLoader(Solves(), batch_size=None, num_workers=1, multiprocessing_context="spawn")
    assert list(loader) == [[name, alone(name)] for name in CASES]


def test_imported_within(alone):
    "A process that sets everything before it imports the package."
    code = ("import sys, torch; torch.set_num_threads(1); torch.set_default_dtype(torch.float64); torch.set_default_device('meta')\n"
            f"sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
            "with torch.inference_mode():\n    import test_threads\n    print(test_threads.solved('descent'))")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=Path(ROOT))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == alone("descent")
