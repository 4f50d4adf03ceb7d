"""What is read is never trusted: the fuzzer, run small, and every file that ever failed. Large: `make fuzz`."""
import importlib.util
import os
import subprocess
import sys

import pytest
from conftest import ROOT

SMALL = "--images 1400 --kernels 300 --checkpoints 90 --caches 30 --calls 180 --tries 0".split()
NEEDED = [name for name in ("h5py", "scipy", "tifffile", "png") if importlib.util.find_spec(name) is None]
pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's"), pytest.mark.skipif(NEEDED != [], reason=f"missing: {NEEDED}")]


def fuzz(*words):
    done = subprocess.run([sys.executable, "-m", "tests.fuzz", *map(str, words)], cwd=ROOT, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    return done.returncode, done.stdout + done.stderr


def test_nothing_escapes():
    "2,000 damaged files and calls: each ends in a result, or in one line that begins with the argument's name; and all files kept in tests/fuzz/regressions."
    code, text = fuzz(*SMALL)
    assert code == 0, text


def test_a_fault_is_seen_and_made_small(tmp_path):
    "The fuzzer itself: faults put into a target are found, told apart, made small and kept."
    from fuzz.minimise import minimised
    from fuzz.oracle import Case, Outcome, refused
    from fuzz.pool import Pool

    class Target:
        seconds = 1

        def names(self, case):
            return ["image"]

        def attempt(self, case, folder):
            exec(case.data.decode(), {"folder": folder})

    folder = tmp_path / "own"
    folder.mkdir()
    pool = Pool({"t": Target()}, folder, wall=60)
    found = {}
    for code in ("1", "raise ValueError('image: no')", "raise ValueError('no')", "raise ValueError('image: a\\nb')", "[].x", "while True: pass", "import os; os.kill(os.getpid(), 9)", "import os; os.write(2, b'x y')",
                 "open(folder / '..' / 'outside', 'w')", "open(folder / 'inside', 'w')", "import subprocess; subprocess.run(['true'])", "import warnings; warnings.warn('x')",
                 "import warnings; warnings.warn('image: x')", "[bytearray(2**24) for _ in range(99)]", "import time; time.sleep(0)"):
        outcome = pool.attempt(Case("t", ".py", code.encode()))
        found[code[:34]] = outcome.kind or outcome.how
    pool.close()
    assert list(found.values()) == ["read", "refused", "begins without the argument's name: ValueError in <string>.<module>", "not one line: ValueError in <string>.<module>",
                                    "AttributeError in <string>.<module>", "too long", "the process died (SIGKILL)", "on stderr: x y", "open outside of the folder", "read",
                                    "subprocess.Popen true", "a warning: UserWarning in <string>", "read", "MemoryError in <string>.<listcomp>", "read"], found
    assert refused(FileNotFoundError(2, "image: none", "x"), ["image"]) == Outcome("refused", "", "image: none: 'x'")
    small = minimised(Case("t", ".x", b"a" * 40 + b"key" + b"b" * 70), lambda case: b"key" in case.data)
    assert small.data == b"key"


def test_a_seed_gives_the_same_cases():
    code = "import hashlib, numpy as np\nfrom tests.fuzz.images import Images\nfrom tests.fuzz.kernels import Kernels\n" \
           "print([hashlib.sha256(repr(list(t.cases(np.random.default_rng(1), 300))).encode()).hexdigest() for t in (Images(), Kernels())])"
    one, two = (subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout for _ in range(2))
    assert one == two and len(one) > 100
