"""The package as it is installed: a light import, one version, metadata from settings.ini, sample images that ship."""
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT

HEAVY = ["IPython", "anywidget", "dask", "ipywidgets", "matplotlib", "nbdev", "scipy", "skimage", "torchmetrics", "torchvision"]
SAMPLES = ["astronaut", "camera", "chelsea", "coffee", "rocket"]


def loaded_by(*names):
    "Those of HEAVY that a fresh interpreter holds after importing `names`."
    code = f"import sys, json\nfor n in {names!r}: __import__(n)\nprint(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    return json.loads(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def test_import_is_light():
    "torch alone loads none of them, so whatever is found is ours."
    assert loaded_by("kernelfusion_nb") == []


def test_modules_import_is_light():
    "Each module keeps its optional packages for where they are used; those of the widgets need ipywidgets, and no more."
    package = ROOT / "kernelfusion_nb"
    modules = [".".join(p.relative_to(package).with_suffix("").parts) for p in package.rglob("*.py") if p.stem not in ("__init__", "_modidx")]
    widgets = {m for m in modules if m in ("app.widgets", "app.explore", "app.explore_kernel", "app.watch")}
    assert loaded_by(*(f"kernelfusion_nb.{m}" for m in modules if m not in widgets)) == []
    assert set(loaded_by(*(f"kernelfusion_nb.{m}" for m in widgets))) <= {"IPython", "ipywidgets"}


def test_one_version(settings):
    import kernelfusion_nb

    assert kernelfusion_nb.__version__ == settings["DEFAULT"]["version"] == importlib.metadata.version("kernelfusion_nb")


def test_installed_metadata(settings):
    "What pip installed says what settings.ini says; `make test` reinstalls when it changes."
    from packaging.requirements import Requirement

    meta, base = importlib.metadata.metadata("kernelfusion_nb"), settings["DEFAULT"]
    assert meta["Requires-Python"] == f">={base['min_python']}"
    assert base["license"] in (meta.get("License"), meta.get("License-Expression"))
    have = [Requirement(r) for r in meta.get_all("Requires-Dist")]
    assert {(r.name, str(r.specifier)) for r in have if r.marker is None} == {(r.name, str(r.specifier)) for r in map(Requirement, base["requirements"].split())}
    extras = {k: v.split() for k, v in settings["extras"].items() if k not in settings.defaults()}
    assert sorted(meta.get_all("Provides-Extra")) == sorted(extras) == ["app", "browser", "cluster", "dev", "docs", "kernels", "metrics", "tiff"]
    scripts = importlib.metadata.entry_points(group="console_scripts", name="kernelfusion")
    assert [s.value for s in scripts] == ["kernelfusion_nb.app.cli:main"]


def test_direct_requirements_are_pinned(settings):
    "constraints.txt names every direct requirement exactly once on each supported Python."
    from packaging.requirements import Requirement

    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and line[0] != "#"]
    pins = [Requirement(line) for line in lines]
    for text in (" ".join([settings["DEFAULT"]["requirements"], *(settings["extras"][extra] for extra in ("dev", "browser", "docs"))])).split():
        wanted = Requirement(text)
        for python in ("3.10", "3.11", "3.12", "3.13"):
            here = [p for p in pins if p.name == wanted.name and (p.marker is None or p.marker.evaluate({"python_version": python}))]
            assert len(here) == 1, f"{wanted.name} on Python {python}: {len(here)} pins"
            version = str(here[0].specifier).removeprefix("==")
            assert wanted.specifier.contains(version), f"{here[0]} does not fit {wanted}"


def test_wheel_ships_the_samples(tmp_path):
    pytest.importorskip("setuptools", reason="the environment has no setuptools to build without a network")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "-w", str(tmp_path)]
    source = tmp_path / "source"
    source.mkdir()
    for name in ("setup.py", "settings.ini", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, source)
    for name in ("kernelfusion_nb", "data"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([*command, str(source)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name.endswith("-py3-none-any.whl")
    assert [f"kernelfusion_nb/data/{s}.png" for s in SAMPLES if f"kernelfusion_nb/data/{s}.png" not in names] == []
    static = [str(p.relative_to(ROOT)) for p in (ROOT / "kernelfusion_nb" / "static").iterdir()]
    assert len(static) >= 3 and [name for name in static if name not in names] == []
    modules = [str(p.relative_to(ROOT)) for p in (ROOT / "kernelfusion_nb").rglob("*.py")]
    assert [name for name in modules if name not in names] == [] and "kernelfusion_nb/bench/__init__.py" in names
    assert {n.split("/")[0].split("-")[0] for n in names} == {"kernelfusion_nb"}


def test_samples_are_as_documented():
    "Each sample is 256x256 and has the hash that data/README.md gives; the folder stays below 1 MB."
    from PIL import Image

    text = (ROOT / "data" / "README.md").read_text()
    for name in SAMPLES:
        path = ROOT / "data" / f"{name}.png"
        assert Image.open(path).size == (256, 256)
        row = next(line for line in text.splitlines() if line.startswith(f"| {name}.png"))
        assert re.search(r"\b[0-9a-f]{64}\b", row)[0] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert sum(p.stat().st_size for p in (ROOT / "data").glob("*.*")) < 1_000_000


def test_gpu_suite_refuses_before_it_starts():
    "Without arguments it lists its calls; an unknown call, or a machine without a GPU, is refused with exit code 2 and nothing is run."
    import torch

    def suite(*calls, tiny=""):
        env = {**os.environ, "PYTHON": sys.executable, "TINY": tiny}
        return subprocess.run(["bash", ROOT / "tools/gpu_suite.sh", *calls], env=env, capture_output=True, text=True)

    listed = suite(tiny="1")
    assert listed.returncode == 2 and all(call in listed.stdout for call in ("speed", "compiled", "check", "whole1", "paper")), listed.stderr
    unknown = suite("sped", tiny="1")
    assert unknown.returncode == 2 and "no call sped" in unknown.stderr
    if not torch.cuda.is_available():
        assert suite("speed").returncode == 2


def test_nothing_large_is_tracked():
    "No file of the repository is above 1 MiB: wheels, data sets and checkpoints do not belong into it."
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    assert [name for name in names if name and (ROOT / name).exists() and (ROOT / name).stat().st_size > 2 ** 20] == []
