"""A run that is killed at a random moment and started again ends with the bytes of an uninterrupted one."""
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

SMALL = "prior_width=16 prior_steps=120 prior_batch=4 prior_crop=18 kernel_searches=2 kernel_visits=10 image_visits=10".split()
ALONE = os.environ | {"OMP_NUM_THREADS": "1"}  # two threads beside another busy process spend their time waiting for each other
# A shell's background job ignores SIGINT, and so would its children: heard again here.
MAIN = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n" \
       "from kernelfusion_nb.app.cli import main; sys.exit(main())"


def command(folder, image, *more):
    settings = [word for setting in [*SMALL, *more] for word in ("--set", setting)]
    return [sys.executable, "-c", MAIN, "solve", str(image), "--scale", "2", "--quiet",
            "--out", str(folder / "out"), "--checkpoint", str(folder / "checkpoint"), "--checkpoint-every", "0.05", *settings]


@pytest.fixture(scope="module")
def lr(tmp_path_factory):
    from PIL import Image

    path = tmp_path_factory.mktemp("lr") / "lr.png"
    Image.open(ROOT / "data" / "astronaut.png").crop((64, 64, 128, 128)).save(path)
    return path


def test_killed_and_resumed_gives_the_same_bytes(tmp_path, lr):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    began = time.monotonic()
    subprocess.run(command(whole, lr), check=True, capture_output=True, env=ALONE)
    took, kills, state = time.monotonic() - began, 0, killed / "checkpoint" / "checkpoint.json"
    stamp = lambda: state.stat().st_mtime_ns if state.exists() else 0
    delay = random.Random(time.time_ns())  # another moment in each run of the tests: all must do
    for _ in range(3):
        before, deadline = stamp(), time.monotonic() + 120
        process = subprocess.Popen(command(killed, lr), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ALONE)
        while stamp() == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(took * delay.uniform(0, 0.15))  # it has saved once more: the rest of it takes longer than this, however busy the machine is
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    assert kills and state.exists()
    subprocess.run(command(killed, lr), check=True, capture_output=True, env=ALONE)
    for name in ("hr.png", "kernel.npy"):
        assert (whole / "out" / name).read_bytes() == (killed / "out" / name).read_bytes()


def test_interrupt_saves_a_partial_result(tmp_path, lr):
    process = subprocess.Popen(command(tmp_path, lr, "kernel_visits=5000", "kernel_known=false"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ALONE)
    deadline = time.monotonic() + 60
    while not (tmp_path / "checkpoint" / "checkpoint.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    for _ in range(4):  # Python drops an interrupt that falls into a finaliser: a user presses Ctrl-C again
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=15)
            break
        except subprocess.TimeoutExpired:
            continue
    assert process.returncode is not None or process.kill()
    assert process.returncode == 130
    assert '"partial": true' in (tmp_path / "out" / "report.json").read_text()


def test_one_process_trains_the_prior_and_a_killed_one_frees_it(tmp_path, lr):
    "Of two processes on one photograph the second waits and loads; both end with the same bytes. A third, killed while it trains, left nothing behind."
    cached = lambda name: [*command(tmp_path / name, lr), "--prior-cache", str(tmp_path / "priors")]
    start = lambda name: subprocess.Popen(cached(name), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=ALONE)
    killed, deadline = start("killed"), time.monotonic() + 60
    while not list((tmp_path / "priors").glob("*.lock")) and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL and not list((tmp_path / "priors").glob("*.safetensors"))
    both = [start("one"), start("two")]
    errors = [process.communicate(timeout=300)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    reports = [json.loads((tmp_path / name / "out" / "report.json").read_text()) for name in ("one", "two")]
    assert sorted(report["prior_loaded"] for report in reports) == [False, True]
    assert reports[0]["seconds"]["prior"] == reports[1]["seconds"]["prior"] > 0
    for name in ("hr.png", "kernel.npy"):
        assert (tmp_path / "one" / "out" / name).read_bytes() == (tmp_path / "two" / "out" / name).read_bytes()
