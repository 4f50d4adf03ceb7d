"""Large photographs: seconds and peak memory of a region and of a whole, beside what is expected; margins of tiles.

    nice -n 5 python nbs/research/large/large.py large     large.csv: 6000x4000 with a region of 512x512; 3000x2000 whole
    OMP_NUM_THREADS=1 python nbs/research/large/large.py memory    memory.csv: the peak of each phase, for MEMORY of 08_progress
    OMP_NUM_THREADS=1 python nbs/research/large/large.py margin    margin.csv: a region with a margin against the whole

A case is a process of its own, whose peak is VmHWM (`ru_maxrss` of a child can be that of its parent). Wholes are solved with few updates and one visit: the memory does not
depend on them, and `seconds` and `expected_seconds` are those of the settings in the row. cpu_seconds: of all threads together,
which on a machine that does other things, too, says more than the clock: half of it is what two idle cores take at least.
"""
import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import SMALL, case, place, reduced, written  # noqa: E402
from PIL import Image  # noqa: E402

from kernelfusion_nb.app.images import load  # noqa: E402
from kernelfusion_nb.app.kernels import make, similarity  # noqa: E402
from kernelfusion_nb.app.samples import SAMPLES, degrade_photo, sample  # noqa: E402
from kernelfusion_nb.app.solve import plan_cost, solve  # noqa: E402
from kernelfusion_nb import solver  # noqa: E402

KERNEL = "gaussian"
SHORT = dict(prior_steps=100, kernel_searches=1, kernel_descents=1, kernel_visits=4, image_visits=1)
TINY_RUN = SMALL | dict(kernel_searches=1, kernel_descents=1, kernel_visits=2, image_visits=2, image_chains=1, image_tile=128)
CASES = {  # name: (width, height, arguments of solve)
    "region of 24 megapixels": (*reduced((6000, 4000), (160, 120)), dict(region=reduced((1500, 2500, 512, 512), (40, 60, 40, 40)))),
    "whole of 6 megapixels": (*reduced((3000, 2000), (140, 120)), reduced(SHORT, {})),
    "whole of 24 megapixels": (6000, 4000, SHORT),
}


def photograph(width, height, scale=2, seed=0):
    "uint8 (height, width, 3): the samples enlarged, degraded by KERNEL at `scale`, turned and mirrored side by side."
    random, side = np.random.default_rng(seed), reduced(512, 64)
    parts = []
    for name in sorted(SAMPLES):
        hr = Image.open(sample(name)).convert("RGB").resize((scale * side,) * 2, Image.BICUBIC)
        hr = np.clip(np.asarray(hr) + random.normal(0, 6, (scale * side, scale * side, 1)), 0, 255).astype(np.uint8)  # grain, finer than what was enlarged
        parts.append(degrade_photo(load(hr), make(KERNEL, scale), scale)[0])
    parts += [part[:, ::-1] for part in parts] + [part[::-1] for part in parts]
    rows = [np.concatenate([parts[random.integers(len(parts))] for _ in range(-(-width // side))], 1) for _ in range(-(-height // side))]
    return np.ascontiguousarray(np.concatenate([np.atleast_3d(row).repeat(3 // np.atleast_3d(row).shape[2], 2) for row in rows])[:height, :width])


def child(path, arguments):
    "In a process of its own: solves, and prints a line of JSON: seconds, peak, and what was expected before."
    region = arguments.pop("region", None)
    told = plan_cost(path, 2, device="cpu", region=region, **arguments)
    began, cpu = time.perf_counter(), time.process_time()
    result = solve(path, 2, device="cpu", progress=False, region=region, **arguments)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    hr = result.tensor
    across = lambda step: float(np.mean([(hr[..., :, at] - hr[..., :, at - 1]).abs().mean() for at in step if 0 < at < hr.shape[-1]]))
    inner = [inner for inner, _ in solver.tiling(load(path).size if region is None else region[2:], 2, 12, solver.make_settings("cpu", torch.device("cpu"), arguments))]
    borders = sorted({2 * box[1] for box in inner} - {0})
    print(json.dumps(dict(seconds=round(seconds, 1), cpu_seconds=round(cpu, 1), expected_seconds=round(told["seconds"], 1), tiles=told["tiles"],
                          peak_mb=round(high_water(reset=False) / 1e6), expected_mb=round(told["memory"] / 1e6),
                          hr="{}x{}".format(*told["hr"]), kernel_similarity=round(float(similarity(result.kernel, make(KERNEL, 2))), 3),
                          across=round(across(borders), 5) if borders and region is None else "",
                          inside=round(across([b + d for b in borders for d in (-120, -80, 80, 120)]), 5) if borders and region is None else "")))


def in_a_process(array, arguments):
    "What `child` says of a picture."
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "photograph.png")
        Image.fromarray(array).save(path)
        done = subprocess.run([sys.executable, __file__, "child", str(path), json.dumps(arguments)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def large(names):
    rows = []
    for name in names:
        width, height, arguments = CASES[name]
        found = in_a_process(photograph(width, height), reduced(arguments, TINY_RUN | arguments))
        rows.append(dict(case=name, lr=f"{width}x{height}", threads=torch.get_num_threads(), **found, settings=json.dumps({k: v for k, v in arguments.items() if k != "region"})))
        written(rows, __file__)


def high_water(reset=True):
    "Peak bytes of this process since the last call (Linux)."
    words = Path("/proc/self/status").read_text().split()
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    return 1024 * int(words[words.index("VmHWM:") + 1])


def memory():
    "One row for each phase of small and large runs, each in a process of its own."
    rows = []
    usual = dict(prior_steps=3, kernel_searches=1, kernel_descents=1, kernel_visits=2, image_visits=1)
    for width, height, scale, more in reduced([
            (64, 64, 2, {}), (256, 256, 2, {}), (600, 600, 2, {}), (900, 900, 2, {}), (1600, 1600, 2, {}), (64, 64, 4, {}), (128, 128, 4, {}), (128, 128, 8, {}), (450, 450, 4, {}),
            (256, 256, 2, dict(prior_width=64, prior_batch=32, prior_crop=64)), (256, 256, 2, dict(kernel_window=0)), (400, 400, 2, dict(image_chains=6)), (3000, 2000, 2, dict(region=(0, 0, 64, 64)))],
            [(48, 48, 2, SMALL)]):
        done = subprocess.run([sys.executable, __file__, "phases", json.dumps([width, height, scale, usual | more])], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        for line in done.stdout.splitlines():
            rows.append(dict(lr=f"{width}x{height}", scale=scale, settings=json.dumps(more), **json.loads(line)))
        written(rows, __file__, "memory.csv")


def phases(width, height, scale, arguments):
    "Prints, for each phase of a run, the peak and what the model has for it."
    from kernelfusion_nb.app import progress as model
    from kernelfusion_nb.app import solve as tool
    random = np.random.default_rng(0)
    array = np.asarray(Image.fromarray(random.integers(0, 255, (height // 4 + 1, width // 4 + 1, 3), dtype=np.uint8)).resize((width, height), Image.BICUBIC))
    say = lambda phase, peak: print(json.dumps(dict(phase=phase, peak_mb=round(peak / 1e6))))
    say("process", high_water())
    photo = load(array)
    say("load", high_water())
    seen, region = [], arguments.pop("region", None)

    def callback(record):
        phase = {"prior": "prior", "image": "image"}.get(record["phase"], "kernel")
        seen.append((phase, high_water()))
    solve(photo, scale, device="cpu", progress=False, callback=callback, region=region, **arguments)
    seen.append(("image", high_water()))
    for phase in ("prior", "kernel", "image"):
        say(phase, max(peak for name, peak in seen if name == phase))
    _, chosen = tool._checked(photo, scale, None, None, "auto", "cpu", 0, region, arguments)
    run = tool._planned(photo, chosen)
    stage = model.Stage(height, width, 3, scale, run.n, run.settings)
    for phase, value in (model._passing(run, stage) | dict(all=model.expected_memory(run))).items():
        say(f"model {phase}", value)


def margin():
    "A region solved with a margin against the same part of the whole, grey levels, mean and largest."
    rows = []
    for scale, kernel, m in reduced([(s, k, m) for s in (2, 4) for k in ("hollow", "gaussian") for m in (0, 8, 16, 32, 48)], [(2, "gaussian", 8)]):
        lr, _, k = case("coffee", kernel, scale, reduced(256 // scale, 48))
        lr = np.concatenate([lr, lr[:, ::-1]], 1)
        lr = np.concatenate([lr, lr[::-1]], 0)[:reduced(200, 96), :reduced(220, 96)]
        settings = dict(kernel=k, device="cpu", progress=False, **reduced(dict(prior_steps=250), SMALL | dict(image_visits=2)))
        with tempfile.TemporaryDirectory() as cache:
            solver.MARGIN, box = m, (lr.shape[0] // 2 - 20, lr.shape[1] // 2 - 20, 40, 40)
            whole = whole_of(lr, scale, settings, cache)
            part = solve(lr, scale, region=box, prior_cache=cache, **settings).tensor
        top, left = (scale * at for at in box[:2])
        difference = (part - whole[..., top:top + 40 * scale, left:left + 40 * scale]).abs() * 127.5
        rows.append(dict(scale=scale, kernel=kernel, margin=m, mean=round(float(difference.mean()), 4), largest=round(float(difference.max()), 3)))
        written(rows, __file__, "margin.csv")


def whole_of(lr, scale, settings, cache, known={}):
    "The HR tensor of the whole, computed once for a case."
    key = lr.tobytes(), scale
    if key not in known:
        known[key] = solve(lr, scale, prior_cache=cache, **settings).tensor
    return known[key]


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2], json.loads(sys.argv[3]))
    elif sys.argv[1:2] == ["phases"]:
        phases(*json.loads(sys.argv[2]))
    else:
        parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
        parser.add_argument("what", nargs="?", default="large", choices=("large", "memory", "margin"))
        parser.add_argument("--case", nargs="*", default=list(CASES)[:2])
        chosen = parser.parse_args()
        dict(large=lambda: large(chosen.case), memory=memory, margin=margin)[chosen.what]()
