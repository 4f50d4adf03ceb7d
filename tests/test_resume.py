"""A run that is killed at a random moment and started again ends with the bytes of an uninterrupted one."""
import random
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

SMALL = "width=16 prior_steps=120 batch=4 crop=18 hold=10 visits=20".split()


def command(folder, image, *more):
    settings = [word for setting in [*SMALL, *more] for word in ("--set", setting)]
    return [sys.executable, "-c", "import sys; from kernelfusion_nb.cli import main; sys.exit(main())", "solve", str(image), "--scale", "2", "--quiet",
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
    subprocess.run(command(whole, lr), check=True, capture_output=True)
    took, kills = time.monotonic() - began, 0
    delay = random.Random(time.time_ns())  # another moment in each run of the tests: all must do
    for _ in range(3):
        process = subprocess.Popen(command(killed, lr), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(took * delay.uniform(0.5, 0.95))
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    assert kills and (killed / "checkpoint" / "checkpoint.json").exists()
    subprocess.run(command(killed, lr), check=True, capture_output=True)
    for name in ("hr.png", "kernel.npy"):
        assert (whole / "out" / name).read_bytes() == (killed / "out" / name).read_bytes()


def test_interrupt_saves_a_partial_result(tmp_path, lr):
    process = subprocess.Popen(command(tmp_path, lr, "visits=5000"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
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
