"""How long do whole runs take? Each in turn on a machine that is otherwise idle.

    python nbs/research/speed/speed.py demo [REVISION]   the demo's solve now and at another revision: speed_demo.csv
    python nbs/research/speed/speed.py workers           four cases: one worker with two threads, two with one each
    python nbs/research/speed/speed.py memory            peak of single calls of preset fast at HR 1984x1344

The parts of a run are timed by `kernelfusion bench --speed`, which wrote speed_x2.csv, speed_x4.csv, speed_pixels.csv.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import CPU, TINY, reduced, written

ROOT = Path(__file__).resolve().parents[3]
CALL = """import sys
try: from kernelfusion_nb.app.cli import main
except ImportError: from kernelfusion_nb.cli import main  # before the package had floors
sys.exit(main())"""


def timed(root, *argv, threads=2):
    "Seconds of the command `kernelfusion ARGV` of the code in `root`."
    env = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": str(threads)}
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", CALL, *map(str, argv)], cwd=root, check=True, capture_output=True, env=env)
    return time.perf_counter() - began


def demo(revision, repeats=2):
    "Rows of the demo at `revision` and now, in turn."
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old"
        old.mkdir()
        subprocess.run(f"git archive {revision} | tar x -C {old}", shell=True, check=True, cwd=ROOT)
        for repeat in range(repeats):
            for name, root in ((revision, old), ("now", ROOT)):
                wall = timed(root, "demo", "--quiet", "--out", Path(folder) / "out")
                report = json.loads((Path(folder) / "out/report.json").read_text())
                seconds, metrics = report["seconds"], report["metrics"]
                yield dict(code=name, repeat=repeat, solve_seconds=seconds["total"], prior_seconds=seconds["prior"],
                           wall_seconds=round(wall, 1), gain=round(metrics["gain"], 2),
                           similarity=round(metrics["similarity"], 3))


def workers():
    "Rows of four cases by one worker of two threads and by two of one."
    budget = ("prior_steps=3", "kernel_searches=1", "kernel_visits=2", "image_visits=2")
    small = reduced((), [word for value in budget for word in ("--set", value)])
    for count, threads in reduced(((1, 2), (2, 1), (1, 2), (2, 1)), ((2, 1),)):
        with tempfile.TemporaryDirectory() as folder:
            wall = timed(ROOT, "bench", "--suite", "bundled", "--methods", "ours", "--limit", reduced(4, 1), "--quiet",
                         "--workers", count, "--out", folder, *small, threads=threads)
        yield dict(workers=count, threads_each=threads, wall_seconds=round(wall, 1))


def memory():
    "Rows of single calls of preset fast at the paper's size: seconds and peak memory."
    from kernelfusion_nb.bench.cost import part_rows, peak_memory, prepared, reset_peak
    from kernelfusion_nb.solver import make_settings
    wanted = (("kernel", "update"), ("kernel", "of it: prior and its gradient"), ("image", "visit"),
              ("search", "candidate scored"))
    size = reduced((336, 496), (32, 40))
    run = prepared(make_settings("fast", CPU, dict(kernel_searches=1)), size, 4, CPU)
    for phase, part, _, work in part_rows(run):
        if (phase, part) in wanted:
            reset_peak(CPU)
            began = time.perf_counter()
            work()
            seconds = time.perf_counter() - began
            yield dict(phase=phase, part=part, hr=f"{4 * size[1]}x{4 * size[0]}", seconds=round(seconds, 1),
                       peak_gib=round(peak_memory(CPU) / 2 ** 30, 2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("demo", "workers", "memory"))
    parser.add_argument("revision", nargs="?", default="ccf821d")
    args = parser.parse_args()
    kinds = {"demo": lambda: demo(args.revision, 1 if TINY else 2), "workers": workers, "memory": memory}
    rows = []
    for row in kinds[args.what]():
        rows.append(row)
        written(rows, __file__, f"speed_{args.what}.csv")
