"""How should threads wait for each other, on an idle machine and on a busy one?

    python nbs/research/speed/busy.py [--case small ordinary]     writes busy.csv

A small solve and an ordinary one (preset cpu, LR 96x96, x2), each in a process of its own: with one thread and with two,
which wait as OpenMP does by itself, as OMP_WAIT_POLICY says (passive: asleep; active: spinning) or after GOMP_SPINCOUNT
turns; alone, and beside another process that is always busy. Wall and CPU seconds of the solve, without the start of
Python; a run is ended after `LIMIT` seconds, which are then its wall seconds. For an otherwise idle machine of two cores.
"""
import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import SMALL, case, reduced, written

ROOT = Path(__file__).resolve().parents[3]
TINY_SEARCH = SMALL | dict(kernel_searches=0, kernel_visits=2, image_visits=2)
CASES = {"small": (reduced(48, 32), reduced(dict(prior_width=16, prior_steps=100, kernel_searches=1, kernel_descents=2,
                                                 kernel_visits=10, image_visits=4), TINY_SEARCH)),
         "ordinary": (reduced(96, 32), reduced({}, TINY_SEARCH))}  # side of the LR image, settings
WAYS = [{}, {"OMP_WAIT_POLICY": "passive"}, {"OMP_WAIT_POLICY": "active"}, {"GOMP_SPINCOUNT": "0"},
        {"GOMP_SPINCOUNT": "1000"}, {"GOMP_SPINCOUNT": "100000"}]
PLANS = [(1, {})] + [(2, way) for way in reduced(WAYS, WAYS[:2])]
LIMIT, REPEATS = reduced(1800, 120), reduced(2, 1)
SET_HERE = "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "KMP_BLOCKTIME"


def solved(name):
    "What a process measures of itself, as JSON: seconds of a solve, by the clock and of the CPU, and its bytes."
    from kernelfusion_nb import solve

    side, settings = CASES[name]
    lr, _, _ = case("astronaut", "l", 2, side)
    began, busy = time.perf_counter(), time.process_time()
    result = solve(lr, 2, preset="cpu", device="cpu", progress=False, **settings)
    wall, busy = time.perf_counter() - began, time.process_time() - busy  # the latter of all threads
    made = hashlib.sha256(result.array.tobytes() + result.kernel.tobytes()).hexdigest()[:8]
    print(json.dumps(dict(wall_seconds=round(wall, 2), cpu_seconds=round(busy, 2), bytes=made)))


@contextmanager
def neighbour(wanted):
    "Within: another process that computes all the time, where it is `wanted`."
    if not wanted:
        yield
        return
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        other.kill()
        other.wait()


def measured(name, threads, way):
    "The figures of `solved` of a process with so many threads that wait in this `way` (of the environment)."
    env = {key: value for key, value in os.environ.items() if key not in SET_HERE}
    env |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": str(threads)} | way
    try:
        done = subprocess.run([sys.executable, __file__, "--within", name], env=env, check=True, timeout=LIMIT,
                              capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        return dict(wall_seconds=LIMIT, cpu_seconds="", bytes="")
    return json.loads(done.stdout.splitlines()[-1])


def rows_of(name):
    "Rows of the case `name`; all ways in turn, and all of them again."
    for repeat in range(REPEATS):
        for beside in (False, True):
            for threads, way in PLANS:
                with neighbour(beside):
                    found = measured(name, threads, way)
                waits = " ".join(f"{key}={value}" for key, value in way.items()) or "default"
                yield dict(case=name, beside="a busy process" if beside else "nothing", threads=threads, waits=waits,
                           repeat=repeat) | found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--within", choices=CASES, help=argparse.SUPPRESS)
    asked, rows = parser.parse_args(), []
    if asked.within:
        solved(asked.within)
    for name in [] if asked.within else asked.case:
        for row in rows_of(name):
            rows.append(row)
            written(rows, __file__)
