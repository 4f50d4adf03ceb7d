"""What is computed is never lost: full disks, kills, interrupts and two processes at once, on tiny runs whose bytes are compared.

Moments are drawn in CPU time of the process itself (`setitimer`, whose signal ends it as SIGKILL would), so that a busy machine changes nothing.
"""
import csv
import json
import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")
START = """
import errno, os, random, resource, shutil, signal, sys, tempfile, warnings
from pathlib import Path
from tests.fuzz.checkpoints import FREE, RUNS, interrupted, lr, run
from kernelfusion_nb.app.solve import solve
here = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def full(*ignored):
    "From now on no byte can be written into any file, as on a full disk."
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

def at(number, what):
    "A callback that does `what` at one record."
    left = [number]
    def callback(record):
        left[0] -= 1
        if left[0] == 0:
            what()
    return callback

def refuse(error, wanted):
    "os.replace fails for destinations that are `wanted`."
    replace = os.replace
    def failing(source, target, **more):
        if wanted(Path(target)):
            raise error
        return replace(source, target, **more)
    os.replace = failing

def stop():
    raise KeyboardInterrupt

FULL = OSError(errno.ENOSPC, "No space left on device")
"""
SETTINGS = [word for name, value in dict(prior_width=4, prior_steps=3, prior_batch=2, prior_crop=12, image_visits=3, image_chains=1, kernel_model="free", kernel_rate=0.1,
                                         kernel_searches=0, kernel_visits=3).items() for word in ("--set", f"{name}={value}")]
BENCH = "bench --suite bundled --crop 64 --limit 2 --methods bicubic,exact --device cpu --workers 1 --quiet".split() + [
    word for setting in "exact.prior_width=4 exact.prior_batch=2 exact.prior_crop=12 exact.prior_steps=20 exact.visits=2".split() for word in ("--set", setting)]


def begin(folder, code, **more):
    "A Python process that runs START and `code`."
    env = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    return subprocess.Popen([sys.executable, "-c", START + code, str(folder)], cwd=folder, env=env | more, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def python(folder, code, expected=0):
    "(stdout, stderr) of that process, which ends with the exit code `expected`."
    process = begin(folder, code)
    out, errors = process.communicate()
    assert process.returncode == expected, errors
    return out, errors


COMPARED = """
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    found = run({folder}, "prior", {more})
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.getrlimit(resource.RLIMIT_FSIZE)[1],) * 2)
texts = [str(w.message) for w in seen if issubclass(w.category, RuntimeWarning)]
assert found[1] == {partial} and ({partial} or found == run()), found
assert texts and all(text.startswith({name!r}) and len(text.splitlines()) == 1 for text in texts), texts
"""
FAULTS = {  # what is done, arguments of the run, the argument that warns, whether the run is partial
    "a full disk at the last checkpoint": ("", "callback=at(10, full)", "checkpoint=", False),
    "a full disk at every checkpoint": ("", "callback=at(2, full), checkpoint_every=0", "checkpoint=", False),
    "a full disk, and interrupted": ("", "callback=lambda r, a=at(5, full), b=at(8, stop): (a(r), b(r))", "checkpoint=", True),
    "no space at the renaming": ("refuse(FULL, lambda path: path.name == 'checkpoint.json')", "", "checkpoint=", False),
    "safetensors' own error": ("import safetensors, safetensors.torch as st\ndef fail(*a, **k): raise safetensors.SafetensorError('I/O error: No space left (os error 28)')\nst.save_file = fail",
                               "", "checkpoint=", False),
    "the folder is gone": ("", "callback=at(6, lambda: shutil.rmtree(here / 'c') or (here / 'c').write_text(''))", "checkpoint=", False),
    "no space for the prior": ("refuse(FULL, lambda path: path.name.startswith('prior-'))", "prior_cache=here / 'p'", "prior_cache=", False),
    "a full disk at the prior": ("", "prior_cache=here / 'p', callback=at(3, full)", "prior_cache=", False),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_failing_write_loses_nothing(tmp_path, name):
    "A checkpoint or a prior that cannot be written warns; the run goes on and its result is returned."
    before, more, argument, partial = FAULTS[name]
    folder = "None" if "prior_cache" in more else "here / 'c'"
    python(tmp_path, before + COMPARED.format(folder=folder, more=more, name=argument, partial=partial))


@pytest.mark.parametrize("what", ["(here / 'x').write_text('') and None or here / 'x'", "''", "'a\\0b'", "'n' * 300", "here / 'y' / ('n' * 300)", "(here / 'x').write_text('') and None or here / 'x' / 'c'"])
@pytest.mark.parametrize("argument", ["checkpoint", "prior_cache"])
def test_what_cannot_be_written_is_refused_first(tmp_path, argument, what):
    "Before the first step, in one line that begins with the argument's name."
    python(tmp_path, f"""
try:
    run(**{{{argument!r}: {what}, "callback": at(1, lambda: os._exit(9))}})
except (ValueError, OSError) as error:
    assert str(error).startswith(({argument + '='!r}, {argument + ':'!r})) and len(str(error).splitlines()) == 1, error
else:
    raise AssertionError("accepted")
""".replace("run(**", "solve(lr(), 2, device='cpu', progress=False, **FREE | "))


def cli(folder, *words, before=""):
    "The code of a command line."
    return f"{before}\nsignal.signal(signal.SIGINT, signal.default_int_handler)\nfrom kernelfusion_nb.app.cli import main\nsys.exit(main({[str(word) for word in words]!r}))"


def solving(folder, out, *more):
    "The words of a tiny `kernelfusion solve`."
    from PIL import Image

    sys.path.insert(0, str(ROOT))
    from tests.fuzz.checkpoints import lr

    Image.fromarray(lr()).save(folder / f"{out}.png")
    return ["solve", folder / f"{out}.png", "--scale", "2", "--device", "cpu", "--quiet", "--out", folder / out, *SETTINGS, *more]


def test_out_cannot_be_written_any_more(tmp_path):
    "The result goes into a folder of the system's temporary folder; the command says where, exit code 1."
    python(tmp_path, cli(tmp_path, *solving(tmp_path, "good")))
    _, errors = python(tmp_path, cli(tmp_path, *solving(tmp_path, "bad"), before="refuse(FULL, lambda path: path.parent.name == 'bad' and path.suffix in ('.png', '.npy', '.json'))"), 1)
    (found,) = tmp_path.glob("kernelfusion-*/hr.png")
    assert str(found.parent) in errors and "Traceback" not in errors
    assert all((found.parent / name).read_bytes() == (tmp_path / "good" / name).read_bytes() for name in ("hr.png", "kernel.npy"))


def test_checkpoint_cannot_be_written_any_more(tmp_path):
    "On the command line: a line on stderr, exit code 0, and the result."
    words = solving(tmp_path, "out", "--checkpoint", tmp_path / "c", "--prior-cache", tmp_path / "p")
    _, errors = python(tmp_path, cli(tmp_path, *words, before="refuse(FULL, lambda path: path.name == 'checkpoint.json' or path.name.startswith('prior-'))"))
    assert (tmp_path / "out" / "hr.png").exists() and "Traceback" not in errors
    assert re.search(r"\bcheckpoint=", errors) and re.search(r"\bprior_cache=", errors), errors


def test_only_regular_files_are_replaced(tmp_path):
    "A FIFO or a folder in the place of a result is refused; a symlink's target is written, the link stays."
    python(tmp_path, """
from kernelfusion_nb.app.images import atomic_write, save_image
os.mkfifo(here / "fifo.png")
(here / "folder.png").mkdir()
for name in ("fifo", "folder"):
    try:
        save_image(lr(), here / f"{name}.png")
    except OSError as error:
        assert len(str(error).splitlines()) == 1, error
    else:
        raise AssertionError(name)
assert (here / "fifo.png").is_fifo() and (here / "folder.png").is_dir()
(here / "link.png").symlink_to(here / "target.png")
save_image(lr(), here / "link.png")
assert (here / "link.png").is_symlink() and (here / "target.png").is_file() and not (here / "target.png").is_symlink()
assert sorted(path.name for path in here.iterdir()) == ["fifo.png", "folder.png", "link.png", "target.png"]
""")


def test_killed_at_20_moments(tmp_path):
    "Each killed run is continued and ends with the same bytes; nothing but the checkpoint and the prior stands in the folders."
    python(tmp_path, """
import time
whole, took = {}, {}
for name in ("prior", "tiled"):
    whole[name] = run(None, name)
    begin = time.process_time()
    assert run(here / f"whole-{name}", name, checkpoint_every=0) == whole[name]
    took[name] = time.process_time() - begin
kills, draw = 0, random.Random(int(os.environ.get("SEED", "17")))
while kills < 20:
    name, folder, cache = "prior" if kills % 4 else "tiled", here / f"c{kills}", here / f"p{kills}"
    if not (child := os.fork()):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, draw.uniform(0.01, 0.9) * took[name])
        run(folder, name, checkpoint_every=0, prior_cache=cache)
        os._exit(0)
    draw.random()
    if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
        kills += 1
        assert run(folder, name, checkpoint_every=0, prior_cache=cache) == whole[name], (kills, name)
        left = sorted(path.name.split("-")[0] for path in folder.iterdir() if not path.name.endswith(".lock"))
        assert left[:1] + left[-1:] == ["checkpoint.json", "tile" if name == "tiled" else "state"] and left.count("state") == 1, left
        assert not [path for path in [*cache.iterdir(), *folder.iterdir()] if path.name.startswith(".") and not path.name.endswith(".lock")], (kills, name)
    shutil.rmtree(folder, ignore_errors=True), shutil.rmtree(cache, ignore_errors=True)
""")


def test_interrupted_before_the_first_step(tmp_path):
    "Ctrl-C while the run is set up: exit code 130, no traceback, no half result."
    before = "import kernelfusion_nb.app.solve as module\nstart = module.start\ndef wait(*a, **k):\n    os.kill(os.getpid(), signal.SIGINT)\n    return start(*a, **k)\nmodule.start = wait"
    _, errors = python(tmp_path, cli(tmp_path, *solving(tmp_path, "out", "--checkpoint", tmp_path / "c"), before=before), 130)
    assert "Traceback" not in errors and not (tmp_path / "out" / "hr.png").exists()
    python(tmp_path, cli(tmp_path, *solving(tmp_path, "out", "--checkpoint", tmp_path / "c")))
    assert (tmp_path / "out" / "hr.png").exists()


TOGETHER = """
import time
(here / f"ready-{os.getpid()}").touch()
while len(list(here.glob("ready-*"))) < 2:  # both are here before one begins
    time.sleep(0.001)
"""


def test_two_processes_on_one_checkpoint(tmp_path):
    "Each ends with the right bytes, or is told; the folder is whole afterwards."
    longer = ["--set", "prior_steps=100"]
    python(tmp_path, cli(tmp_path, *solving(tmp_path, "alone", *longer)))
    words = ["--checkpoint", tmp_path / "c", "--checkpoint-every", "0", *longer]
    both = [begin(tmp_path, cli(tmp_path, *solving(tmp_path, out, *words), before=TOGETHER)) for out in ("one", "two")]
    said = [process.communicate()[1] for process in both]
    codes = [process.returncode for process in both]
    assert sorted(codes) in ([0, 0], [0, 2]), said
    assert all(code == 0 or re.match(r"kernelfusion solve: checkpoint\b", text) and len(text.splitlines()) == 1 for code, text in zip(codes, said)), said
    python(tmp_path, cli(tmp_path, *solving(tmp_path, "three", *words)))
    for out in [out for out, code in zip(("one", "two"), codes) if code == 0] + ["three"]:
        assert (tmp_path / out / "hr.png").read_bytes() == (tmp_path / "alone" / "hr.png").read_bytes()


def records(out):
    "The rows of results.csv without times."
    keep = "task error psnr psnr_bicubic similarity".split()
    return [{name: row.get(name) for name in keep} for row in csv.DictReader(open(out / "results.csv", newline=""))]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    "(records, CPU seconds) of a tiny benchmark that nothing happened to."
    folder = tmp_path_factory.mktemp("bench")
    before = "import time, atexit\natexit.register(lambda: print('cpu', time.process_time() - begin))\nbegin = time.process_time()"
    out, _ = python(folder, cli(folder, *BENCH, "--out", folder / "out", before=before))
    assert len(records(folder / "out")) == 4
    return records(folder / "out"), float(re.search(r"cpu (\S+)", out)[1])


def test_bench_killed_at_some_moments(tmp_path, table):
    "Killed and begun again, it ends with the same records; no temporary file is left."
    for share in (0.15, 0.4, 0.5, 0.3):
        before = f"signal.signal(signal.SIGPROF, signal.SIG_DFL)\nsignal.setitimer(signal.ITIMER_PROF, {share * table[1]})"
        process = begin(tmp_path, cli(tmp_path, *BENCH, "--out", tmp_path / "out", before=before))
        process.communicate()
        if process.returncode == 0:
            break
    python(tmp_path, cli(tmp_path, *BENCH, "--out", tmp_path / "out"))
    assert records(tmp_path / "out") == table[0]
    assert [path for path in (tmp_path / "out").rglob(".*") if not path.name.endswith(".lock")] == []


def test_two_runners_in_one_folder(tmp_path, table):
    "Each task is computed once; both end right, or the second is told."
    both = [begin(tmp_path, cli(tmp_path, *BENCH, "--out", tmp_path / "out", before=TOGETHER)) for _ in range(2)]
    said = [process.communicate()[1] for process in both]
    assert sorted(process.returncode for process in both) in ([0, 0], [0, 2]), said
    assert all(process.returncode == 0 or re.match(r"kernelfusion bench: out\b", text) for process, text in zip(both, said)), said
    events = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_text().splitlines()]
    done = [event["task"] for event in events if event["event"] == "finish"]
    assert records(tmp_path / "out") == table[0] and sorted(done) == sorted(row["task"] for row in table[0])
    assert not any(event["event"] == "fail" for event in events)
