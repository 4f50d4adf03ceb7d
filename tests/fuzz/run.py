"""Tries the cases of every target, makes what fails small, and says what was found."""
import argparse
import hashlib
import tempfile
import time
from pathlib import Path

import numpy as np
import torch  # noqa: F401  (before the fork)

from .minimise import minimised
from .oracle import Case
from .pool import GIGABYTE, Pool, started

KEPT = Path(__file__).parent / "regressions"


def targets(folder):
    "{name: target}; the runs that checkpoints and caches are compared with are made in `folder`."
    from .calls import Calls
    from .checkpoints import Caches, Checkpoints
    from .images import Images
    from .kernels import Kernels

    return {"images": Images(), "kernels": Kernels(), "checkpoints": Checkpoints(folder), "caches": Caches(folder), "calls": Calls()}


def kept(folder=KEPT):
    "The Cases that once failed: files called TARGET-HASH.SUFFIX."
    return [Case(path.name.split("-")[0], path.suffix, path.read_bytes()) for path in sorted(Path(folder).glob("*-*")) if path.name != "README.md"]


def name_of(case):
    return f"{case.target}-{hashlib.sha256(case.data).hexdigest()[:10]}{case.suffix}"


def tried(pool, name, cases):
    "Tries `cases`; prints a line of counts; {kind: (smallest failing Case, Outcome, number)}."
    counts, faults, (wall, cpu) = {"read": 0, "refused": 0, "fault": 0}, {}, started()
    pool.peak = 0
    for case in cases:
        outcome = pool.attempt(case)
        counts[outcome.how] += 1
        if outcome.how == "fault":
            old, said, number = faults.get(outcome.kind, (case, outcome, 0))
            faults[outcome.kind] = (*((case, outcome) if len(case.data) < len(old.data) else (old, said)), number + 1)
    pool.close()
    now = started()
    words = ", ".join(f"{number} {how}" for how, number in counts.items())
    print(f"{name:12s} {sum(counts.values()):6d} tried: {words}; {now[1] - cpu:.0f} s of CPU, {now[0] - wall:.0f} s; peak {pool.peak / GIGABYTE:.2f} GB", flush=True)
    return faults


def report(pool, faults, keep, tries):
    "Prints each kind of fault with its smallest case, which is kept in the folder `keep`, made smaller by at most `tries` further attempts."
    for kind, (case, outcome, number) in sorted(faults.items(), key=lambda item: -item[1][2]):
        if tries and case.suffix not in (".json", ".special"):
            case = minimised(case, lambda smaller: pool.attempt(smaller).kind == kind, min(tries, 12) if "long" in kind or "wait" in kind else tries)
        print(f"  {number:5d} x {kind}\n          {outcome.text[:160]!r}\n          {name_of(case)}, {len(case.data)} bytes: {case.data[:160]!r}", flush=True)
        if keep:
            Path(keep).mkdir(parents=True, exist_ok=True)
            Path(keep, name_of(case)).write_bytes(case.data)
    pool.close()


def main(argv=None):
    "The command: exit code 1 where there are faults."
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    for name, number in (("images", 20000), ("kernels", 4000), ("checkpoints", 1000), ("caches", 200), ("calls", 300)):
        parser.add_argument(f"--{name}", type=int, default=number, help=f"cases (default {number})")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other cases (default 0)")
    parser.add_argument("--keep", metavar="FOLDER", help="where the smallest case of each fault is written")
    parser.add_argument("--tries", type=int, default=300, help="attempts at making a case smaller (default 300)")
    parser.add_argument("--wall", type=float, default=300, help="seconds after which a silent process is taken for blocked (default 300)")
    parser.add_argument("--only", metavar="FOLDER", help="the kept cases of this folder and nothing else")
    args, failed = parser.parse_args(argv), 0
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as shared:
        made = targets(shared)
        pool = Pool(made, folder, args.wall)
        lists = {"kept": kept(args.only or KEPT)}
        for name in {case.target for case in lists["kept"]} & {"checkpoints", "caches"}:
            made[name].prepare()
        if not args.only:
            lists |= {name: target.cases(np.random.default_rng(args.seed), getattr(args, name)) for name, target in made.items()}
        for name, cases in lists.items():
            faults = tried(pool, name, cases)
            report(pool, faults, args.keep, args.tries)
            failed += sum(number for *_, number in faults.values())
    print(f"{failed} faults" if failed else "no fault")
    return min(failed, 1)
