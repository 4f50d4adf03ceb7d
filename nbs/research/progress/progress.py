"""How long does a step take, and how right is the time that is expected and shown?

    OMP_NUM_THREADS=1 python nbs/research/progress/progress.py steps   steps.csv: seconds of steps; prints the costs
    OMP_NUM_THREADS=1 python nbs/research/progress/progress.py fit     the same from the steps.csv that is there
    OMP_NUM_THREADS=1 python nbs/research/progress/progress.py runs N  runs.csv: expected and measured, N more
    OMP_NUM_THREADS=1 python nbs/research/progress/progress.py left    left.csv: time shown and true, x2, LR 64

CPU seconds but for `left`, on one thread.
"""
import csv
import os
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, SMALL, TINY, case, place, reduced

import kernelfusion_nb.app.progress as progress
import kernelfusion_nb.solver as solver
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.samples import sample
from kernelfusion_nb.bench.tables import write_csv
from kernelfusion_nb.consistency import default_kernel_size

FEW = dict(prior_steps=8, kernel_searches=2, kernel_descents=2, kernel_visits=6, image_visits=3)
DUAL = dict(prior_steps=8, image_model="dual", image_visits=3, unet_iterations=2, unet_first_iterations=3)
LARGE = FEW | dict(kernel_searches=1, kernel_visits=3, image_visits=2)
STEPS = [(f"x{scale} {side}", (side, side), scale, few) for scale, side, few in (
    (2, 48, FEW), (2, 64, FEW), (2, 96, FEW), (2, 128, FEW), (3, 64, FEW), (3, 96, FEW), (4, 48, FEW), (4, 64, FEW),
    (4, 96, FEW), (4, 128, LARGE), (8, 32, LARGE))] + [
    ("x2 80x120", (80, 120), 2, FEW), ("x2 grey 96", (96, 96), 2, FEW),
    ("x2 192 from a window", (192, 192), 2, FEW | dict(kernel_window=64)),
    ("width 16", (64, 64), 2, FEW | dict(prior_width=16, prior_batch=4, prior_crop=24)),
    ("width 64", (64, 64), 2, LARGE | dict(prior_width=64, prior_batch=32, prior_crop=64)),
    ("width 128", (64, 64), 2, LARGE | dict(prior_width=128, prior_batch=1, prior_crop=64)),
    ("free weights", (64, 64), 2, LARGE | dict(kernel_model="free", kernel_rate=0.1)),
    ("dual 48", (48, 48), 2, DUAL), ("dual 64", (64, 64), 2, DUAL), ("dual x4 64", (64, 64), 4, DUAL),
    ("dual 96", (96, 96), 2, DUAL | dict(unet_widths=(16, 32, 64))),
    ("dual small", (48, 48), 2, DUAL | dict(unet_widths=(8, 16))),
    ("dual wide", (48, 48), 2, DUAL | dict(unet_widths=(32, 64, 128, 256, 512))),
    ("U-Net, kernel given", (64, 64), 2, {key: value for key, value in DUAL.items() if key != "prior_steps"} | dict(
        image_model="unet", prior_model="none", unet_input="bicubic", unet_backprojection=0.01))]
SHORT = dict(prior_steps=150, kernel_searches=2, kernel_descents=2, kernel_visits=12)  # of steps that cost the same
GIVEN = dict(prior_steps=150, given=True)
RUNS = [("x2 LR 64, all steps of phase 2", 64, 2, dict(prior_steps=150)), ("x2 LR 96, all steps of phase 2", 96, 2, dict(prior_steps=150)),
        ("x2 LR 128", 128, 2, SHORT), ("x3 LR 64", 64, 3, SHORT), ("x4 LR 64", 64, 4, SHORT), ("x4 LR 96", 96, 4, SHORT),
        ("x2 LR 96, kernel given", 96, 2, GIVEN), ("x2 LR 64, quality", 64, 2, SHORT | dict(preset="quality")),
        ("x2 LR 64, dual", 64, 2, dict(prior_steps=150, image_model="dual", image_visits=10, unet_widths=(16, 32)))]
INPUTS = STEPS[:2] if TINY else STEPS


def started(size, scale, settings, grey=False):
    "A `Run` of the bundled astronaut as an LR image of `size` (h, w), under a kernel that is given where settings say."
    settings = dict(settings)
    preset, given = settings.pop("preset", "cpu"), settings.pop("given", settings.get("image_model") == "unet")
    lr = np.asarray(load(sample("astronaut")).image().resize(size[::-1]))[..., 1 if grey else slice(None)].copy()
    chosen = solver.make_settings(preset, CPU, settings, given)
    n = default_kernel_size(scale)
    return solver.start(load(lr).tensor, scale, n, chosen, kernel=torch.as_tensor(make("hollow", scale)).float() if given else None)


def walked(run):
    "[(phase, index, CPU seconds)] of all steps of `run`."
    solver.time = SimpleNamespace(perf_counter=time.process_time)
    found, before = [], 0.0
    for _ in solver.train_prior(run):
        found.append(("prior", len(found), run.seconds["prior"] - before))
        before = run.seconds["prior"]
    for _ in solver.reverse(run):
        pass
    return found + [(step, index, entry["seconds"]) for (step, _, index), entry in zip(run.plan, run.history)]


def steps():
    "Median CPU seconds of the steps of each kind, without the first where there are more."
    rows = []
    for name, size, scale, settings in INPUTS:
        kinds = {}
        unet = settings.get("image_model") in ("dual", "unet")
        for phase, index, seconds in walked(started(size, scale, settings, "grey" in name)):
            kinds.setdefault((phase, int(index > 0) if unet and phase != "prior" else 1), []).append(seconds)
        rows += [dict(case=name, phase=phase, index=index, seconds=round(statistics.median(own[1:] or own), 5))
                 for (phase, index), own in kinds.items()]
        write_csv(rows, place(__file__, "steps.csv"))
        print(name, flush=True)
    fit()


def fit():
    "Prints the costs that explain steps.csv: non-negative least squares of relative errors; and what they miss."
    from scipy.optimize import nnls
    cases, works, seconds, labels = {name: rest for name, *rest in STEPS}, [], [], []
    for row in csv.DictReader(open(place(__file__, "steps.csv"))):
        run = started(*cases[row["case"]], "grey" in row["case"])
        stage = progress.Stage(*run.y.shape[2:], run.y.shape[1], run.scale, run.n, run.settings)
        at, step = stage.of(row["phase"])
        works.append(progress.update_work(stage) if step == "prior" else progress.step_work(at, step, int(row["index"])))
        seconds.append(float(row["seconds"]))
        labels.append(f"{row['case']}, {row['phase']}")
    used = [(part, place) for part, costs in progress.COSTS.items() for place in range(3) if costs[place]]
    matrix = np.array([[work.get(part, (0, 0, 0))[at] for part, at in used] for work in works], float)
    size, seconds = np.maximum(matrix.max(0), 1e-9), np.array(seconds)
    weight = 1 / np.maximum(seconds, 0.005)
    cost = nnls(matrix / size * weight[:, None], seconds * weight)[0] / size
    for (part, at), value in zip(used, cost):
        print(f"{part:16s} {('a call', '1e9 multiply-adds', '1e9 values')[at]:18s} {value * (1, 1e9, 1e9)[at]:.3g} s")
    ratios = matrix @ cost / seconds
    print("off by more than 15 %:", *(f"{label}: {ratio:.2f}" for label, ratio in zip(labels, ratios) if abs(ratio - 1) > 0.15), sep="\n")
    progress.time = SimpleNamespace(perf_counter=time.process_time)

    def slowness(what):
        progress._slowness.cache_clear()
        return progress._slowness(what, "cpu", 1)
    found = {what: [slowness(what) for _ in range(9)] for what in ("prior", "kernel")}
    print("calibration:", {what: [round(value, 5) for value in sorted(values)] for what, values in found.items()})


def runs():
    "Expected and measured CPU seconds of the next `count` runs that are not in runs.csv, by phase and in total."
    count = int(sys.argv[2]) if len(sys.argv) > 2 else None
    path = place(__file__, "runs.csv")
    rows = list(csv.DictReader(open(path))) if path.exists() and not TINY else []
    progress.time, known = SimpleNamespace(perf_counter=time.process_time), {row["case"] for row in rows}
    for name, side, scale, settings in [run for run in reduced(RUNS, RUNS[:1]) if run[0] not in known][:count]:
        run = started((side, side), scale, reduced({}, SMALL | FEW) | settings)
        progress._slowness.cache_clear()
        expected, measured = progress.expected_seconds(run), Counter()
        for phase, _, seconds in walked(run):
            measured[phase] += seconds
        both = {phase: (expected[phase], measured[phase]) for phase in measured}
        both["total"] = sum(expected.values()), sum(measured.values())
        rows += [dict(case=name, phase=phase, expected=round(a, 2), measured=round(b, 2)) for phase, (a, b) in both.items()]
        write_csv(rows, path)
        print(name, *(f"{phase} {a:.1f}:{b:.1f}" for phase, (a, b) in both.items()), flush=True)


def left():
    "Seconds that were left, those shown, and those that a bar counting steps would have shown."
    from tqdm import tqdm

    from kernelfusion_nb.app.solve import solve
    rows, total = [], solver.PriorSettings().steps + len(solver.plan(solver.Settings()))
    with open(os.devnull, "w") as nowhere:
        began, bar = time.perf_counter(), tqdm(total=total, file=nowhere)

        def callback(record):
            bar.update()
            rate = bar.format_dict["rate"] or bar.n / (time.perf_counter() - began)
            rows.append(dict(elapsed=time.perf_counter() - began, shown=record["left"], by_steps=(total - bar.n) / rate))
        solve(case("astronaut", "hollow", 2, 64)[0], 2, preset="cpu", device="cpu", callback=callback, progress=False, **reduced({}, SMALL | FEW))
    end = rows[-1]["elapsed"]
    kept = [row for row, after in zip(rows, rows[1:] + [None]) if after is None or int(4 * row["elapsed"]) < int(4 * after["elapsed"])]
    write_csv([{key: round(value, 2) for key, value in (row | dict(left=end - row["elapsed"])).items()} for row in kept], place(__file__, "left.csv"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    dict(steps=steps, fit=fit, runs=runs, left=left)[sys.argv[1]]()
