"""Whole runs against each other, in turn on an idle machine: `python nbs/research/speed.py demo [REVISION]` (the demo's solve now and at another revision), `... workers` (four cases, one worker with two threads and two with
one each), `... memory` (one kernel update and one visit of preset fast at HR 1984x1344: peak memory). Each writes speed_NAME.csv.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kernelfusion_nb.bench.tables import write_csv

ROOT, HERE = Path(__file__).parents[2], Path(__file__).parent
COMMAND = [sys.executable, "-c", "import sys; from kernelfusion_nb.app.cli import main; sys.exit(main())"]


def timed(root, *argv, threads=2):
    began = time.perf_counter()
    subprocess.run([*COMMAND, *map(str, argv)], cwd=root, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": str(threads)})
    return time.perf_counter() - began


def demo(revision="ccf821d", repeats=2):
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old"
        old.mkdir()
        subprocess.run(f"git archive {revision} | tar x -C {old}", shell=True, check=True, cwd=ROOT)
        rows = []
        for repeat in range(repeats):
            for name, root in ((revision, old), ("now", ROOT)):
                wall = timed(root, "demo", "--quiet", "--out", Path(folder) / "out")
                report = json.loads((Path(folder) / "out/report.json").read_text())
                rows.append(dict(code=name, repeat=repeat, solve_seconds=report["seconds"]["total"], prior_seconds=report["seconds"]["prior"], wall_seconds=round(wall, 1), gain=round(report["metrics"]["gain"], 2),
                                 similarity=round(report["metrics"]["similarity"], 3)))
                print(*rows[-1].values(), flush=True)
    return rows


def workers():
    rows = []
    for count, threads in ((1, 2), (2, 1), (1, 2), (2, 1)):
        with tempfile.TemporaryDirectory() as folder:
            wall = timed(ROOT, "bench", "--suite", "bundled", "--methods", "joint", "--limit", 4, "--workers", count, "--quiet", "--out", folder, threads=threads)
        rows.append(dict(workers=count, threads_each=threads, wall_seconds=round(wall, 1)))
        print(*rows[-1].values(), flush=True)
    return rows


def memory():
    import torch

    from kernelfusion_nb.bench.cost import peak_memory, reset_peak
    from kernelfusion_nb.settings import make_settings
    from kernelfusion_nb.bench.speed import part_rows, prepared
    device = torch.device("cpu")
    job = prepared(make_settings("fast", device, dict(searches=1)), (336, 496), 4, device)
    rows = []
    for phase, part, _, work in part_rows(job):
        if (phase, part) in (("kernel", "update"), ("kernel", "of it: prior and its gradient"), ("reverse", "visit"), ("search", "candidate scored")):
            reset_peak(device)
            began = time.perf_counter()
            work()
            rows.append(dict(phase=phase, part=part, hr="1984x1344", seconds=round(time.perf_counter() - began, 1), peak_gib=round(peak_memory(device) / 2 ** 30, 2)))
            print(*rows[-1].values(), flush=True)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("demo", "workers", "memory"))
    parser.add_argument("revision", nargs="?", default="ccf821d")
    args = parser.parse_args()
    write_csv(demo(args.revision) if args.what == "demo" else {"workers": workers, "memory": memory}[args.what](), HERE / f"speed_{args.what}.csv")
