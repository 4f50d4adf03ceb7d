"""`kernelfusion bench` when things go wrong: the runner is killed, a worker is killed, a task cannot succeed. The table is the same, nothing is done twice, failures are said."""
import collections
import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1"}  # another number of threads gives other last digits
METHODS = "bicubic,truekernel,exact"
SMALL = "exact.prior_width=8 exact.prior_batch=2 exact.prior_crop=16 exact.prior_steps=60 exact.visits=3".split()
TIMED = {"seconds", "prior_seconds", "reverse_seconds", "prior_loaded", "peak_memory_bytes", "command"}
# A shell's background job ignores SIGINT, and so would its children: heard again here.
MAIN = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n" \
       "from kernelfusion_nb.app.cli import main; sys.exit(main())"


def command(out, *more):
    return [sys.executable, "-c", MAIN, "bench", "--suite", "bundled", "--crop", "64", "--limit", "4",
            "--methods", METHODS, "--device", "cpu", "--workers", "1", "--out", str(out), "--quiet", *(word for setting in SMALL for word in ("--set", setting)), *map(str, more)]


def start(out, *more):
    return subprocess.Popen(command(out, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ONE_THREAD)


def run(out, *more, code=0):
    process = start(out, *more)
    text, errors = process.communicate(timeout=300)
    assert process.returncode == code, errors
    return text, errors


def events(out):
    try:
        return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    except OSError:
        return []


def wait_for(condition, process, seconds=120):
    "Polls until `condition()` is something; fails if the process ends first."
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)
    return found


def running(out, finished=0):
    "The start event of an exact task in progress once `finished` tasks are done, or None."
    seen = events(out)
    done = {e["task"] for e in seen if e["event"] == "finish"}
    open_ = [e for e in seen if e["event"] == "start" and e["task"] not in done and e["task"].startswith("exact")]
    return open_[-1] if open_ and len(done) >= finished else None


def table(out):
    "All columns of results.csv and table.csv but those that depend on time and memory, and on who trained a prior."
    return [[{k: v for k, v in row.items() if k not in TIMED} for row in csv.DictReader(open(out / name, newline=""))] for name in ("results.csv", "table.csv")]


def finishes(out):
    return collections.Counter(e["task"] for e in events(out) if e["event"] == "finish")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    "The folder of a run that nothing happened to."
    out = tmp_path_factory.mktemp("whole")
    text, _ = run(out)
    assert set(finishes(out).values()) == {1} and len(finishes(out)) == 12
    assert all(method in text for method in METHODS.split(","))
    return out


def test_killed_twice_gives_the_same_table(tmp_path, whole):
    for finished in (2, 7):
        process = start(tmp_path)
        wait_for(lambda: running(tmp_path, finished), process)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert len(finishes(tmp_path)) < 12
    run(tmp_path)
    assert set(finishes(tmp_path).values()) == {1} and len(finishes(tmp_path)) == 12
    assert sum(e["event"] == "start" for e in events(tmp_path)) == 14  # the two tasks that were killed began again
    assert table(tmp_path) == table(whole)
    for task in finishes(whole):
        assert (tmp_path / "tasks" / task / "hr.png").read_bytes() == (whole / "tasks" / task / "hr.png").read_bytes()


@pytest.mark.parametrize("workers", [1, 2])
def test_interrupt_leaves_tables_and_says_how_to_continue(tmp_path, workers):
    "Ctrl-C in the middle: exit code 130, tables of what stands, one line that says what to do."
    process = start(tmp_path, "--workers", workers)
    wait_for(lambda: running(tmp_path, 3), process)
    for pid in {process.pid, *(e["pid"] for e in events(tmp_path))}:  # as a terminal does, to the whole group
        if alive(pid):
            os.kill(pid, signal.SIGINT)
    text, errors = process.communicate(timeout=120)
    standing = len(list(csv.DictReader(open(tmp_path / "results.csv", newline=""))))
    assert process.returncode == 130 and f"interrupted: {standing} of 12 tasks stand" in errors and "the same command" in errors, errors
    assert 3 <= standing < 12 and "Traceback" not in errors and "| bicubic " in text


def test_workers_end_with_their_runner(tmp_path):
    "A SIGKILL of the runner leaves no process behind that works on; a killed process costs one attempt."
    process = start(tmp_path, "--workers", 2)
    os.kill(wait_for(lambda: running(tmp_path), process)["pid"], signal.SIGKILL)
    wait_for(lambda: any(e["event"] == "lost" for e in events(tmp_path)), process)
    pids = {wait_for(lambda: running(tmp_path, 4), process)["pid"]}
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(alive(pid) for pid in pids)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = ROOT.__class__(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_dask_worker_killed(tmp_path, whole):
    pytest.importorskip("distributed", reason="Dask is not installed: pip install 'kernelfusion_nb[cluster]'")
    process = start(tmp_path, "--cluster", "local:2")
    victim = wait_for(lambda: running(tmp_path, 3), process)
    os.kill(victim["pid"], signal.SIGKILL)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert set(finishes(tmp_path).values()) == {1} and len(finishes(tmp_path)) == 12
    starts = collections.Counter(e["task"] for e in events(tmp_path) if e["event"] == "start")
    assert starts.pop(victim["task"]) == 2 and set(starts.values()) == {1}
    assert table(tmp_path) == table(whole)


def test_failing_task_is_reported_and_tried_again(tmp_path, whole):
    "One damaged case: its tasks fail after the retries, are named, and are the only ones that the next run does."
    lr = next((whole / "cases" / "lr").glob("astronaut-shake.png"))
    kept = lr.read_bytes()
    cases = [word for word in command(tmp_path) if word not in ("--crop", "64")]
    more = ["--cases", whole / "cases", "--retries", 2]
    try:
        lr.write_bytes(kept[:200])
        process = subprocess.run([*cases, *map(str, more)], capture_output=True, text=True, env=ONE_THREAD)
    finally:
        lr.write_bytes(kept)
    assert process.returncode == 1 and "3 of 12 tasks failed" in process.stderr, process.stderr
    assert process.stdout.count("astronaut-shake: OSError: image: ") == 3
    assert collections.Counter(e["event"] for e in events(tmp_path)) == {"start": 12, "finish": 9, "fail": 9}
    again = subprocess.run([*cases, *map(str, more)], capture_output=True, text=True, env=ONE_THREAD)
    assert again.returncode == 0 and len(finishes(tmp_path)) == 12 and set(finishes(tmp_path).values()) == {1}
    assert table(tmp_path) == table(whole)
