"""The net under every change: SHA-256 of HR image and kernel of small runs that between them use every part of the solver.

The hashes in bytes.json hold on the machine that recorded them (processor, torch, one thread). Elsewhere the first run records into pytest's cache, says so, and later ones compare with that.
`python tests/test_bytes.py` prints the hashes of this machine, to be put into bytes.json where a change of bytes is meant.
"""
import hashlib
import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

HERE = Path(__file__).resolve().parent
pytestmark = pytest.mark.usefixtures("one_thread")
PRIOR = dict(prior_width=8, prior_steps=12, prior_batch=2, prior_crop=16)
SEARCH = dict(kernel_searches=1, kernel_visits=3, image_visits=3)
UNET = dict(image_visits=3, unet_widths=(8, 16), unet_iterations=2, unet_first_iterations=3)
DUAL = dict(**UNET, image_model="dual", kernel_rate=1e-3)
CASES = {  # name: (kind of picture, scale, arguments of solve)
    "cpu": ("rgb", 2, dict(preset="cpu", **PRIOR, **SEARCH)),
    "fast": ("rgb", 2, dict(preset="fast", **PRIOR, kernel_searches=1, kernel_visits=3)),
    "paper": ("rgb", 2, dict(preset="paper", **PRIOR, **UNET)),
    "x3 grey": ("grey", 3, dict(preset="cpu", **PRIOR, **SEARCH)),
    "x4": ("rgb", 4, dict(preset="cpu", **PRIOR, **SEARCH)),
    "x4 from a window": ("rgb", 4, dict(preset="cpu", **PRIOR, **SEARCH, kernel_window=32)),
    "16 bits": ("16 bits", 2, dict(preset="cpu", **PRIOR, **SEARCH)),
    "alpha": ("alpha", 2, dict(preset="cpu", **PRIOR, **SEARCH)),
    "kernel given": ("rgb", 2, dict(preset="cpu", kernel="l", **PRIOR, image_visits=3)),
    "U-Net under the kernel found": ("rgb", 2, dict(preset="cpu", **PRIOR, **SEARCH | UNET, image_model="unet", unet_input="bicubic", unet_backprojection=0.01)),
    "U-Net, kernel given, no prior": ("rgb", 2, dict(preset="cpu", kernel="l", prior_model="none", **UNET, image_model="unet", unet_input="bicubic",
                                                    unet_backprojection=0.01)),
    "U-Net and SIREN without a prior": ("rgb", 2, dict(preset="cpu", prior_model="none", **DUAL)),
    "deep image prior": ("grey", 2, dict(preset="cpu", prior_model="none", **DUAL, unet_input="noise", kernel_model="mlp")),
    "two U-Nets": ("rgb", 2, dict(preset="cpu", **PRIOR, **DUAL, image_high=400, unet_share=False, kernel_model="free")),
    "free weights": ("rgb", 2, dict(preset="cpu", **PRIOR, **SEARCH | dict(kernel_searches=0), kernel_model="free", kernel_rate=0.1)),
}
# The callbacks at which a run is interrupted and then continued from its checkpoint: in phase 1, in the descents, in the image. After each 'settle' too, see `test_resumed_after_settling`.
RESUMED = {"cpu": (5, 15, 24), "paper": (14,), "x4": (20, 47), "x4 from a window": (20, 47)}
WEIGHED = "cpu", "x4", "x4 from a window", "U-Net under the kernel found"
GROWN = dict(preset="cpu", **PRIOR, **SEARCH | dict(kernel_descents=2))


def picture(kind):
    "A small LR picture of the bundled astronaut."
    from PIL import Image

    rgb = np.asarray(Image.open(HERE.parent / "data" / "astronaut.png").crop((64, 64, 160, 176)).resize((48, 56), Image.BICUBIC))
    grey = rgb[..., 0]
    return {"rgb": rgb, "grey": grey, "16 bits": grey.astype(np.uint16) * 257 + 3, "alpha": np.dstack([rgb, grey])}[kind]


def run(name, **more):
    from kernelfusion_nb import solve
    from kernelfusion_nb.app.kernels import make

    kind, scale, arguments = CASES[name]
    known = {"kernel": make(arguments["kernel"], scale)} if "kernel" in arguments else {}
    return solve(picture(kind), scale, device="cpu", progress=False, **arguments | known | more)


def hashes(result):
    return [hashlib.sha256(np.ascontiguousarray(part).tobytes()).hexdigest()[:16] for part in (result.tensor.numpy(), result.array, result.kernel)]


def resumed(name, count):
    "As `run`, interrupted at callback `count` and continued."
    def stop(step, seen=[]):
        seen.append(step)
        if len(seen) == count:
            raise KeyboardInterrupt
    with tempfile.TemporaryDirectory() as folder:
        assert run(name, checkpoint=folder, callback=stop).partial
        return run(name, checkpoint=folder)


def machine():
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor")
    return f"{model}, {torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}"


def recorded(request, name, have):
    "The hashes that `have` must equal: those of bytes.json on its machine, else those of the first run here."
    stored = json.loads((HERE / "bytes.json").read_text())
    if stored["machine"] == machine():
        return stored["hashes"][name]
    key = f"bytes/{hashlib.sha256(machine().encode()).hexdigest()[:16]}/{name.replace(' ', '_')}"
    if (want := request.config.cache.get(key, None)) is None:
        request.config.cache.set(key, have)
        warnings.warn(f"bytes.json is of {stored['machine']!r}; the bytes of {name!r} were recorded anew for {machine()!r}", stacklevel=2)
        return have
    return want


@pytest.mark.parametrize("name", CASES)
def test_bytes(name, request):
    have = hashes(run(name))
    assert have == recorded(request, name, have)


@pytest.mark.parametrize("name, count", [(name, count) for name, counts in RESUMED.items() for count in counts])
def test_resumed_bytes(name, count):
    assert hashes(resumed(name, count)) == hashes(run(name))


@pytest.mark.parametrize("name", WEIGHED)
def test_resumed_after_settling(name):
    "Interrupted after each step 'settle', in which the run has made up its mind about what is left of its plan."
    phases = []
    whole = run(name, callback=lambda record: phases.append(record["phase"]))
    settled = [number for number, phase in enumerate(phases, 1) if phase.endswith("settle")]
    assert settled
    for count in settled:
        continued = resumed(name, count)
        assert hashes(continued) == hashes(whole) and (continued.trust, continued.settled) == (whole.trust, whole.settled)
        assert [visit["phase"] for visit in continued.history] == [visit["phase"] for visit in whole.history]


def test_resumed_where_the_grid_grew(monkeypatch):
    "A run whose kernel is sought again on larger grids: stopped before it grows, on the larger ones, and in the image."
    from kernelfusion_nb import solver

    monkeypatch.setitem(CASES, "grown", ("rgb", 2, GROWN))
    monkeypatch.setattr(solver, "outgrown", lambda run: run.n < 20)
    sides = []
    whole = run("grown", callback=lambda record: sides.append((record["phase"], len(record.get("kernel", ())))))
    assert [side for side in dict.fromkeys(side for _, side in sides) if side] == [12, 16, 20] and whole.kernel.shape == (20, 20)
    last = {side: number for number, (_, side) in enumerate(sides, 1)}  # of 12 and 16: the last step before the grid grows
    for count in (last[12], last[12] + 1, last[12] + 2, last[16], last[20] - 1):
        continued = resumed("grown", count)
        assert hashes(continued) == hashes(whole) and len(continued.history) == len(sides) - PRIOR["prior_steps"]


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps({"machine": machine(), "hashes": {name: hashes(run(name)) for name in CASES}}, indent=1))
